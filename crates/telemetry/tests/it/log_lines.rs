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

#[test]
fn whatever_a_field_holds_a_line_stays_one_object_and_the_newest_value_is_on_it() {
    telemetry::for_tests();
    let hostile = "a\nb\r\n\u{1f}\"}\u{2028}ñ";
    let outer = info_span!(
        "outer",
        code = "old",
        twice = Empty,
        otel.name = "for traces only"
    );
    outer.record("twice", 1);
    outer.record("twice", hostile);
    let _outer = outer.enter();
    let _inner = info_span!("inner", code = hostile, shown = %hostile).entered();
    info!(ok = true, share = 0.5, below = -3, "hostile-test {hostile}");

    let line = line_with("hostile-test");
    assert!(!line.contains('\n'));
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    for (name, value) in [
        ("message", serde_json::json!(format!("hostile-test {hostile}"))),
        ("code", hostile.into()),
        ("twice", hostile.into()),
        ("shown", hostile.into()),
        ("ok", true.into()),
        ("share", 0.5.into()),
        ("below", (-3).into()),
    ] {
        assert_eq!(object[name], value, "{name}");
    }
    assert_eq!(line.matches("\"code\":").count(), 1, "{line}");
    assert!(!line.contains("for traces only"), "{line}");
}
