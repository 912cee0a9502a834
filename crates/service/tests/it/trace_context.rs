//! Each row of the table of incoming trace contexts, and request ids.

use serde_json::Value;

use crate::harness::Service;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async fn echo(service: &Service, headers: &[(&str, &str)]) -> Value {
    let mut request = service.get("/echo");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(
        response.status(),
        200,
        "a trace context never makes a request fail"
    );
    response.json().await.unwrap()
}

async fn starts_a_new_trace(service: &Service, headers: &[(&str, &str)]) {
    let body = echo(service, headers).await;
    let trace = body["trace_id"].as_str().unwrap();
    assert!(trace != TRACE && trace.len() == 32, "{headers:?} gave {body}");
    assert_eq!(body["tracestate"], Value::Null, "{headers:?}");
}

#[tokio::test]
async fn a_valid_parent_is_continued_with_a_new_parent_id_and_the_same_state() {
    let service = Service::start();
    let body = echo(&service, &[("traceparent", VALID), ("tracestate", "vendor=1")]).await;
    let (trace, parent) = (
        body["trace_id"].as_str().unwrap(),
        body["traceparent"].as_str().unwrap(),
    );
    assert_eq!(trace, TRACE);
    assert!(
        parent.starts_with(&format!("00-{TRACE}-")) && parent.ends_with("-01") && !parent.contains(PARENT)
    );
    assert_eq!(body["tracestate"], "vendor=1");
}

#[tokio::test]
async fn an_invalid_parent_starts_a_new_trace_and_its_state_is_not_read() {
    let service = Service::start();
    let state = ("tracestate", "vendor=1");
    for parent in [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "nonsense",
    ] {
        starts_a_new_trace(&service, &[("traceparent", parent), state]).await;
    }
    starts_a_new_trace(&service, &[("traceparent", VALID), ("traceparent", VALID), state]).await;
    starts_a_new_trace(&service, &[state]).await;
}

#[tokio::test]
async fn a_higher_version_is_continued_as_version_00() {
    let service = Service::start();
    let future = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings";
    let body = echo(&service, &[("traceparent", future)]).await;
    assert!(
        body["traceparent"]
            .as_str()
            .unwrap()
            .starts_with(&format!("00-{TRACE}-"))
    );
}

#[tokio::test]
async fn a_wrong_state_is_dropped_and_the_trace_goes_on() {
    let service = Service::start();
    let body = echo(
        &service,
        &[("traceparent", VALID), ("tracestate", "no equals sign")],
    )
    .await;
    assert_eq!(
        (&body["trace_id"], &body["tracestate"]),
        (&Value::from(TRACE), &Value::Null)
    );
}

#[tokio::test]
async fn a_problem_is_found_by_its_trace_id() {
    let service = Service::start();
    let response = service
        .get("/nothing")
        .header("traceparent", VALID)
        .send()
        .await
        .unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["instance"], format!("/requests/{TRACE}"));
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let service = Service::start();
    let kept = service
        .get("/echo")
        .header("x-request-id", "abc-1:2_3.4")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.headers()["x-request-id"], "abc-1:2_3.4");

    let long = "x".repeat(129);
    for strange in ["", "with blank", "<script>", "a\"b", long.as_str()] {
        let answer = service
            .get("/echo")
            .header("x-request-id", strange)
            .send()
            .await
            .unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(id != strange && id.len() == 32, "{strange} gave {id}");
    }
    let twice = service
        .get("/echo")
        .header("x-request-id", "a")
        .header("x-request-id", "b");
    assert_eq!(twice.send().await.unwrap().headers()["x-request-id"].len(), 32);
}
