//! One event per request, with what a person greps for and without what must not be written.

use serde_json::Value;

use crate::harness::{Service, wait_until};

/// The access event of the request that was sent with this id.
async fn event(request_id: &str) -> Value {
    let find = || {
        let mut events: Vec<Value> = telemetry::logs::captured()
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["request_id"] == request_id && line["route"].is_string())
            .collect();
        assert!(events.len() < 2, "more than one event: {events:?}");
        events.pop()
    };
    wait_until(async || find().is_some()).await;
    find().unwrap()
}

#[tokio::test]
async fn a_request_is_one_event_with_route_path_status_time_and_ids() {
    let service = Service::start();
    let asked = service
        .get("/things/5?phone=5551234")
        .header("x-request-id", "log-plain");
    asked.send().await.unwrap();
    let event = event("log-plain").await;
    assert_eq!(
        (&event["level"], &event["method"], &event["route"]),
        (&"INFO".into(), &"GET".into(), &"/things/{id}".into())
    );
    assert_eq!(
        (&event["path"], &event["status"]),
        (&"/things/5".into(), &200.into())
    );
    assert!(event["duration_ms"].is_u64() && event["trace_id"].as_str().unwrap().len() == 32);
    let line = event.to_string().to_lowercase();
    assert!(!line.contains("5551234") && !line.contains("error"));
}

#[tokio::test]
async fn a_failed_request_is_an_error_with_status_route_and_cause() {
    let service = Service::start();
    service
        .get("/broken")
        .header("x-request-id", "log-broken")
        .send()
        .await
        .unwrap();
    let event = event("log-broken").await;
    assert_eq!(
        (&event["level"], &event["status"], &event["route"]),
        (&"ERROR".into(), &500.into(), &"/broken".into())
    );
    assert_eq!(event["cause"], "the cause for the log");
}

#[tokio::test]
async fn a_refused_request_is_no_error() {
    let service = Service::start();
    service
        .get("/wp-login.php")
        .header("x-request-id", "log-refused")
        .send()
        .await
        .unwrap();
    let event = event("log-refused").await;
    assert_eq!(
        (&event["level"], &event["status"], &event["route"]),
        (&"INFO".into(), &404.into(), &"unmatched".into())
    );
    assert!(!event.to_string().to_lowercase().contains("error"));
}

#[tokio::test]
async fn a_token_in_the_path_is_not_written() {
    let service = Service::start();
    service
        .get("/secret/0123456789abcdef.ics")
        .header("x-request-id", "log-token")
        .send()
        .await
        .unwrap();
    let event = event("log-token").await;
    assert_eq!(event["path"], "/secret/{token}.ics");
    assert!(
        telemetry::logs::captured()
            .iter()
            .all(|line| !line.contains("0123456789abcdef"))
    );
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_its_request() {
    let service = Service::start();
    let given_up = service.get("/slow").header("x-request-id", "log-gone");
    let given_up = given_up
        .timeout(std::time::Duration::from_millis(50))
        .send()
        .await;
    assert!(given_up.is_err());
    assert_eq!(event("log-gone").await["status"], 200);
}
