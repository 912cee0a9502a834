//! What is repeated, how often, and with what.

use std::time::{Duration, Instant};

use mercadopago::error::{CallError, Outcome};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Provider, header, id, json as answer, status};

const KEY: Uuid = Uuid::from_u128(17);

#[tokio::test]
async fn a_refund_is_repeated_with_the_same_key_and_body_until_it_is_answered() {
    for passing in [500, 502, 503, 423, 424, 429] {
        let provider = Provider::start().await;
        let refund = answer(201, &json!({ "id": 1, "status": "approved" }));
        provider
            .answers(vec![status(passing), status(passing), refund])
            .await;

        provider
            .client()
            .create_refund(KEY, &id("5"), None)
            .await
            .unwrap();

        let received = provider.received().await;
        assert_eq!(received.len(), 3, "{passing}");
        for request in &received {
            assert_eq!(header(request, "x-idempotency-key"), KEY.to_string());
            assert_eq!(request.body, b"{}");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_is_given_up_after_the_last_repetition() {
    let provider = Provider::start().await;
    provider.answers(vec![status(423)]).await;
    let error = provider.client().payment(&id("7")).await.unwrap_err();
    assert!(matches!(error, CallError::Locked(_)));
    assert_eq!(provider.outcomes(), [Outcome::Locked; 4]);
}

#[tokio::test]
async fn a_provider_that_hangs_costs_no_more_than_the_limit_of_the_call() {
    let provider = Provider::start().await;
    provider
        .answers(vec![status(200).set_delay(Duration::from_mins(1))])
        .await;
    let mut settings = provider.settings();
    settings.attempt_timeout = Duration::from_millis(200);
    settings.call_timeout = Duration::from_millis(500);
    settings.repetitions = 100;

    let start = Instant::now();
    let error = provider
        .client_with(&settings)
        .create_refund(KEY, &id("5"), None)
        .await
        .unwrap_err();

    assert!(matches!(error, CallError::Unavailable(_)));
    assert!(start.elapsed() < Duration::from_millis(1_500));
    assert!((2..=3).contains(&provider.outcomes().len()));
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unavailable() {
    let provider = Provider::start().await;
    let mut settings = provider.settings();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    settings.base_url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let error = provider
        .client_with(&settings)
        .payment(&id("7"))
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unavailable);
    assert_eq!(provider.outcomes(), [Outcome::Unavailable; 4]);
}

#[tokio::test]
async fn the_wait_that_the_provider_asks_for_is_kept() {
    let provider = Provider::start().await;
    let wait = status(429).insert_header("retry-after", "1");
    provider
        .answers(vec![wait, answer(200, &json!({ "id": 7, "status": "approved" }))])
        .await;
    let start = Instant::now();
    provider.client().payment(&id("7")).await.unwrap();
    assert!(Duration::from_secs(1) <= start.elapsed());
    assert_eq!(provider.outcomes(), [Outcome::RateLimited, Outcome::Success]);
}

#[tokio::test]
async fn a_wait_beyond_the_limit_of_the_call_is_for_the_caller() {
    let provider = Provider::start().await;
    let wait = status(429)
        .insert_header("date", "Tue, 01 Dec 2026 12:00:00 GMT")
        .insert_header("retry-after", "Tue, 01 Dec 2026 12:01:00 GMT");
    provider.answers(vec![wait]).await;
    match provider.client().payment(&id("7")).await.unwrap_err() {
        CallError::RateLimited { retry_after } => assert_eq!(retry_after, Some(Duration::from_mins(1))),
        other => panic!("{other}"),
    }
    assert_eq!(provider.outcomes(), [Outcome::RateLimited]);
}
