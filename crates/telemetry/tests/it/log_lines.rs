//! Log lines as a collector will read them.

use tracing::field::Empty;
use tracing::{error, info, info_span};

fn line_with(text: &str) -> String {
    telemetry::logs::captured()
        .into_iter()
        .find(|line| line.contains(text))
        .unwrap()
}

#[test]
fn a_line_is_flat_json_with_the_fields_of_its_spans() {
    telemetry::for_tests();
    let outer = info_span!("http", request_id = "r-1", trace_id = Empty, code = "outer");
    telemetry::trace::adopt_text(
        &outer,
        Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    );
    let _outer = outer.enter();
    let _inner = info_span!("inner", nights = 3).entered();
    info!(code = "event", duration_ms = 12_u64, "held \"3\" nights");

    let line = line_with("held");
    for part in [
        r#""level":"INFO","service":"test","message":"held \"3\" nights""#,
        r#""request_id":"r-1""#,
        r#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736""#,
        r#""nights":3"#,
        r#""code":"event""#,
        r#""duration_ms":12"#,
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(line.starts_with("{\"timestamp\":\"20") && line.ends_with('}') && !line.contains("outer"));
}

#[test]
fn the_present_trace_can_be_stored_and_taken_up_later() {
    telemetry::for_tests();
    let first = info_span!("first", trace_id = Empty);
    telemetry::trace::adopt(&first, None);
    let stored = first.in_scope(telemetry::trace::current_traceparent).unwrap();

    let later = info_span!("later", trace_id = Empty);
    telemetry::trace::adopt_text(&later, Some(&stored));
    assert_eq!(
        telemetry::trace::trace_id(&later),
        telemetry::trace::trace_id(&first)
    );
    assert_ne!(
        later.in_scope(telemetry::trace::current_traceparent).unwrap(),
        stored
    );
}

#[test]
fn an_error_is_one_line_with_all_its_causes() {
    telemetry::for_tests();
    let failure = telemetry::InitError::ExporterThread;
    error!(
        cause = telemetry::trace::chain(&failure),
        "cannot start chain-test"
    );
    assert!(line_with("chain-test").contains("the trace exporter could not start"));
}
