//! What the caller is told to do.

use std::time::Duration;

use mercadopago::error::{CallError, Outcome};
use serde_json::json;

use crate::harness::{Provider, id, json as answer, status};

#[tokio::test]
async fn what_cannot_pass_is_asked_once_and_named() {
    for (code, expected) in [
        (400, Outcome::Refused),
        (401, Outcome::Unauthorized),
        (402, Outcome::Conflict),
        (403, Outcome::Unauthorized),
        (404, Outcome::NotFound),
        (409, Outcome::Conflict),
        (422, Outcome::Refused),
        (302, Outcome::Refused),
    ] {
        let provider = Provider::start().await;
        provider.answers(vec![status(code)]).await;
        let error = provider.client().payment(&id("7")).await.unwrap_err();
        assert_eq!(
            (error.outcome(), provider.outcomes()),
            (expected, vec![expected]),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_refusal_carries_the_codes_of_the_provider() {
    let provider = Provider::start().await;
    let body = json!({ "message": "auto_return invalid", "error": "invalid_auto_return", "status": 400, "cause": null });
    provider.answers(vec![answer(400, &body)]).await;
    match provider.client().payment(&id("7")).await.unwrap_err() {
        CallError::Refused(complaint) => {
            assert_eq!(complaint.error, "invalid_auto_return");
            assert_eq!(complaint.message, "auto_return invalid");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_malformed() {
    let provider = Provider::start().await;
    provider
        .answers(vec![answer(200, &json!({ "status": "approved" }))])
        .await;
    let error = provider.client().payment(&id("7")).await.unwrap_err();
    assert!(matches!(error, CallError::Malformed(_)));
    assert_eq!(provider.outcomes(), [Outcome::Malformed]);
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let provider = Provider::start().await;
    provider
        .answers(vec![status(200).set_body_bytes(vec![b' '; 5 * 1024 * 1024])])
        .await;
    let mut settings = provider.settings();
    settings.repetitions = 0;
    settings.attempt_timeout = Duration::from_secs(5);
    let error = provider
        .client_with(&settings)
        .payment(&id("7"))
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unavailable);
}

#[tokio::test]
async fn no_error_prints_the_token() {
    let provider = Provider::start().await;
    provider.answers(vec![status(401)]).await;
    let error = provider.client().payment(&id("7")).await.unwrap_err();
    assert!(!format!("{error} {error:?} {:?}", provider.settings()).contains("TEST-token"));
}
