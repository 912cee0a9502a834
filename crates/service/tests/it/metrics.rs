//! `/metrics` of a service.

use crate::harness::Service;
use service::settings::HttpSettings;

#[tokio::test]
async fn traffic_is_counted_by_template_and_strangers_make_no_series() {
    let service = Service::start();
    for path in [
        "/things/1",
        "/things/2",
        "/things/3",
        "/nothing/1",
        "/nothing/2?x=1",
    ] {
        service.get(path).send().await.unwrap();
    }
    let strange = reqwest::Method::from_bytes(b"BREW").unwrap();
    service
        .client
        .request(strange, format!("{}/things/4", service.url))
        .send()
        .await
        .unwrap();

    let page = service.text("/metrics").await;
    for part in [
        r#"http_requests_total{method="GET",route="/things/{id}",service="harness",status="200"}"#,
        r#"http_requests_total{method="GET",route="unmatched",service="harness",status="404"}"#,
        r#"http_requests_total{method="other",route="/things/{id}",service="harness",status="405"}"#,
        r#"http_request_duration_seconds_bucket{method="GET",route="/things/{id}",service="harness",le="0.005"}"#,
        r#"http_requests_in_flight{service="harness"}"#,
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert!(!page.contains("BREW") && !page.contains("/nothing") && !page.contains("127.0.0.1"));
}

#[tokio::test]
async fn metrics_are_there_before_any_traffic_and_probes_are_not_counted() {
    let service = Service::start();
    service.get("/readyz").send().await.unwrap();
    let answer = service.get("/metrics").send().await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let page = answer.text().await.unwrap();
    assert!(
        page.contains(
            r#"http_requests_total{method="GET",route="unmatched",service="harness",status="500"} 0"#
        )
    );
    assert!(page.contains("process_resident_memory_bytes"));
    assert!(!page.contains("readyz") && !page.contains("/metrics\""));
}

#[tokio::test]
async fn gauges_can_be_read_from_a_store_at_each_scrape() {
    let gauge = telemetry::metrics::Gauge::new("ical_last_sync_age_minutes", "Age.", &["feed_source"]);
    let hook = move || {
        let gauge = gauge.clone();
        async move { gauge.set(&["airbnb"], 8.0) }
    };
    let service = Service::start_with(HttpSettings::for_tests(), |builder| builder.before_scrape(hook));
    assert!(
        service
            .text("/metrics")
            .await
            .contains(r#"ical_last_sync_age_minutes{feed_source="airbnb"} 8"#)
    );
}
