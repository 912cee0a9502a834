//! What the caller is told to do.

use std::time::Duration;

use serde_json::json;
use whatsapp::action::Action;
use whatsapp::client::{GraphError, SendError};
use wiremock::ResponseTemplate;

use crate::harness::{Graph, accepted, refused, send};

async fn refusal(answer: ResponseTemplate) -> GraphError {
    let graph = Graph::answering(answer).await;
    match send(&graph.client()).await.unwrap_err() {
        SendError::Refused(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_code_decides_and_not_the_status() {
    for (status, code, expected) in [
        (401, 190, Action::StopForToken),
        (500, 131_005, Action::StopForPermission),
        (429, 130_429, Action::Throughput),
        (400, 131_056, Action::PairRate),
        (400, 131_047, Action::NeedsTemplate),
        (404, 132_001, Action::OurBug),
        (500, 131_000, Action::Transient),
        (400, 999_999, Action::Unknown { transient: false }),
    ] {
        let error = refusal(refused(status, code)).await;
        assert_eq!((error.action(), error.status), (expected, status));
    }
}

#[tokio::test]
async fn metas_sentence_is_kept_for_a_person_and_out_of_logs() {
    let graph = Graph::answering(refused(400, 131_026)).await;
    let error = send(&graph.client()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"Meta refuses the message: code 131026 with 400, trace "Az8""#
    );
    assert_eq!(graph.outcomes(), ["undeliverable"]);
    let SendError::Refused(error) = error else {
        panic!()
    };
    assert_eq!(error.details, "5491123456789 no");
}

#[tokio::test]
async fn the_wait_that_meta_asks_for_is_told() {
    let seconds = refused(429, 130_429).insert_header("retry-after", "7");
    assert_eq!(refusal(seconds).await.retry_after, Some(Duration::from_secs(7)));

    let usage = json!({ "4195": [{ "type": "whatsapp", "estimated_time_to_regain_access": 0 },
        { "type": "whatsapp", "estimated_time_to_regain_access": 19 }] });
    let minutes = refused(400, 80_007).insert_header("x-business-use-case-usage", usage.to_string());
    assert_eq!(refusal(minutes).await.retry_after, Some(Duration::from_mins(19)));

    let nonsense = refused(429, 4)
        .insert_header("retry-after", "soon")
        .insert_header("x-business-use-case-usage", "7");
    assert_eq!(refusal(nonsense).await.retry_after, None);
}

#[tokio::test]
async fn after_sending_silence_is_no_failure() {
    let graph = Graph::answering(accepted().set_delay(Duration::from_mins(1))).await;
    let error = send(&graph.client()).await.unwrap_err();
    assert!(matches!(error, SendError::Unknown(_)) && error.may_have_been_sent());
    assert_eq!(graph.outcomes(), ["unknown_outcome"]);
    assert_eq!(graph.bodies().await.len(), 1);
}

#[tokio::test]
async fn an_answer_without_an_id_or_a_code_leaves_it_open() {
    for answer in [
        ResponseTemplate::new(200).set_body_string("OK"),
        ResponseTemplate::new(200).set_body_json(json!({ "messages": [] })),
        ResponseTemplate::new(502).set_body_string("<html>"),
    ] {
        let graph = Graph::answering(answer).await;
        assert!(send(&graph.client()).await.unwrap_err().may_have_been_sent());
        assert_eq!(graph.outcomes(), ["unknown_outcome"]);
    }
}

#[tokio::test]
async fn without_a_connection_it_was_surely_not_sent() {
    let graph = Graph::answering(accepted()).await;
    let mut settings = graph.settings();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    settings.base_url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let error = send(&graph.client_with(&settings)).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent(_)) && !error.may_have_been_sent());
}

#[tokio::test]
async fn the_token_is_never_printed() {
    let graph = Graph::answering(refused(401, 190)).await;
    let error = send(&graph.client()).await.unwrap_err();
    assert!(!format!("{error} {error:?} {:?}", graph.settings()).contains("TEST-token"));
}
