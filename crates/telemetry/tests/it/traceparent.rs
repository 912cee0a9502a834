//! The table of `traceparent` inputs and what becomes of them.

use telemetry::traceparent::{format, parse};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn check(input: &str, expected: Option<&str>) {
    let trace = parse(input, None).map(|context| context.trace_id().to_string());
    assert_eq!(trace.as_deref(), expected, "{input}");
}

#[test]
fn a_valid_parent_is_read_and_written_back() {
    assert_eq!(format(&parse(VALID, None).unwrap()).as_deref(), Some(VALID));
    check(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        Some(TRACE),
    );
    check(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
        Some(TRACE),
    );
}

#[test]
fn what_the_standard_calls_invalid_is_ignored() {
    for input in [
        "",
        "00",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47361-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01,00-4bf92f3577b34da6a3ce929d0e0e4736",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "00-é4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
    ] {
        check(input, None);
    }
}

#[test]
fn a_higher_version_is_read_by_position_and_written_as_version_00() {
    for input in [
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings",
    ] {
        assert_eq!(format(&parse(input, None).unwrap()).as_deref(), Some(VALID));
    }
    check(
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.no-dash",
        None,
    );
}

#[test]
fn a_wrong_tracestate_is_dropped_and_the_trace_goes_on() {
    let good = parse(VALID, Some("vendor=1,other=2")).unwrap();
    assert_eq!(good.trace_state().header(), "vendor=1,other=2");
    let bad = parse(VALID, Some("no equals sign")).unwrap();
    assert_eq!(
        (
            bad.trace_id().to_string().as_str(),
            bad.trace_state().header().as_str()
        ),
        (TRACE, "")
    );
}
