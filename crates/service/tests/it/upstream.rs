//! Calls from one service to another.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use service::problem::Problem;
use service::upstream::{Upstream, UpstreamError};
use tracing::{Instrument as _, field::Empty, info_span};

use crate::harness::Service;

#[tokio::test]
async fn a_call_carries_the_trace_on() {
    let service = Service::start();
    let upstream = Upstream::new("harness", &service.url, Some(SecretString::from("token"))).unwrap();
    let span = info_span!("caller", trace_id = Empty);
    telemetry::trace::adopt(&span, None);
    let trace = telemetry::trace::trace_id(&span).unwrap();
    let calls = async {
        for request in [
            upstream.request(Method::GET, "/echo"),
            upstream.forward(Method::GET, "/echo"),
        ] {
            let answer = upstream.send(request).await.unwrap();
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["trace_id"], trace);
        }
    };
    calls.instrument(span).await;
}

#[tokio::test]
async fn an_upstream_that_is_away_is_503_and_its_address_is_not_shown() {
    telemetry::for_tests();
    let upstream = Upstream::new("gone", "http://127.0.0.1:9", None).unwrap();
    let failure = upstream
        .send(upstream.request(Method::GET, "/"))
        .await
        .unwrap_err();
    assert!(matches!(failure, UpstreamError::Unreachable { .. }));
    assert!(
        !telemetry::trace::chain(&failure).contains("127.0.0.1"),
        "{}",
        telemetry::trace::chain(&failure)
    );
    let response = Problem::from(failure).to_response();
    let retry_after = response.headers().get("retry-after").unwrap();
    assert_eq!(
        (response.status().as_u16(), retry_after),
        (503, &"2".parse().unwrap())
    );
    let page = telemetry::metrics::render();
    assert!(
        page.contains(r#"upstream_errors_total{kind="unreachable",upstream="gone"} 1"#),
        "{page}"
    );
}

#[tokio::test]
async fn an_upstream_that_hangs_is_given_up_and_is_504() {
    let service = Service::start();
    let upstream = Upstream::with_timeout("slow", &service.url, None, Duration::from_millis(50)).unwrap();
    let failure = upstream
        .send(upstream.request(Method::GET, "/slow"))
        .await
        .unwrap_err();
    assert!(matches!(failure, UpstreamError::TimedOut { .. }));
    let response = Problem::from(failure).to_response();
    let retry_after = response.headers().get("retry-after").unwrap();
    assert_eq!(
        (response.status().as_u16(), retry_after),
        (504, &"2".parse().unwrap())
    );
}
