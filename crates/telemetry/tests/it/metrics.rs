//! Metrics as Prometheus will read them.

use std::time::Duration;

use telemetry::metrics::{Counter, Gauge, Histogram, build_info, render};

fn has(line: &str) {
    let page = render();
    assert!(
        page.lines().any(|found| found == line),
        "no line {line} in\n{page}"
    );
}

#[test]
fn a_counter_is_there_with_0_for_every_known_label_value() {
    let counter = Counter::new(
        "known_total",
        "Known.",
        &[("channel", &["web", "whatsapp"]), ("ok", &["yes", "no"])],
    );
    has(r#"known_total{channel="web",ok="yes"} 0"#);
    has(r#"known_total{channel="whatsapp",ok="no"} 0"#);
    has("# HELP known_total Known.");
    has("# TYPE known_total counter");

    counter.increment(&[("channel", "web"), ("ok", "no")]);
    has(r#"known_total{channel="web",ok="no"} 1"#);
}

#[test]
fn a_counter_without_labels_starts_at_0() {
    let _counter = Counter::new("bare_total", "Bare.", &[]);
    has("bare_total 0");
}

#[test]
fn an_unknown_value_is_counted_as_other_and_an_undeclared_label_is_dropped() {
    let counter = Counter::new("bounded_total", "Bounded.", &[("channel", &["web"])]);
    counter.add(
        2,
        &[("channel", "+54 9 11 5555 5555"), ("phone", "+54 9 11 5555 5555")],
    );
    has(r#"bounded_total{channel="other"} 2"#);
    assert!(!render().contains("5555"));
}

#[test]
fn the_same_metric_made_twice_is_one_series() {
    let first = Counter::new("twice_total", "Twice.", &[("channel", &["web"])]);
    let second = Counter::new("twice_total", "Twice.", &[("channel", &["web"])]);
    first.increment(&[("channel", "web")]);
    second.increment(&[("channel", "web")]);
    has(r#"twice_total{channel="web"} 2"#);
}

#[test]
fn durations_have_buckets_from_5_ms_to_30_s() {
    let histogram = Histogram::seconds("waited_seconds", "Waited.", &[("upstream", &[])]);
    histogram.observe(Duration::from_millis(7), &[("upstream", "reservations")]);
    has(r#"waited_seconds_bucket{upstream="reservations",le="0.005"} 0"#);
    has(r#"waited_seconds_bucket{upstream="reservations",le="0.01"} 1"#);
    has(r#"waited_seconds_bucket{upstream="reservations",le="30"} 1"#);
    has(r#"waited_seconds_count{upstream="reservations"} 1"#);
}

#[test]
fn a_gauge_forgets_what_is_no_longer_there() {
    let gauge = Gauge::new("feed_age_minutes", "Age.", &["feed_source"]);
    gauge.replace([(vec!["airbnb"], 8.0), (vec!["vrbo"], 9.0)]);
    has(r#"feed_age_minutes{feed_source="vrbo"} 9"#);
    gauge.replace([(vec!["airbnb"], 1.0)]);
    has(r#"feed_age_minutes{feed_source="airbnb"} 1"#);
    assert!(!render().contains("vrbo"));
}

#[test]
fn the_process_and_its_build_are_shown_without_scope_labels() {
    build_info("reservations", "1.3.0");
    has(r#"build_info{service="reservations",version="1.3.0"} 1"#);
    let page = render();
    for name in [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_start_time_seconds",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
    ] {
        assert!(
            page.lines().any(|line| line.starts_with(&format!("{name} "))),
            "{name} in\n{page}"
        );
    }
    assert!(!page.contains("otel_scope") && !page.contains("target_info"));
}
