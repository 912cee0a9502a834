//! A provider that does not answer is left alone.

use std::time::Duration;

use mercadopago::Circuit;
use mercadopago::client::Settings;
use mercadopago::error::{CallError, Outcome};
use serde_json::json;

use crate::harness::{Provider, id, json as answer, status};

fn opening_after(provider: &Provider, failures_to_open: u32, open_for: Duration) -> Settings {
    Settings {
        failures_to_open,
        open_for,
        repetitions: 0,
        ..provider.settings()
    }
}

#[tokio::test]
async fn after_some_failures_in_a_row_nothing_is_sent() {
    let provider = Provider::start().await;
    provider.answers(vec![status(503)]).await;
    let client = provider.client_with(&opening_after(&provider, 2, Duration::from_hours(1)));
    for _ in 0..2 {
        assert_eq!(client.circuit(), Circuit::Closed);
        client.payment(&id("7")).await.unwrap_err();
    }
    assert_eq!(client.circuit(), Circuit::Open);
    assert!(matches!(
        client.payment(&id("7")).await,
        Err(CallError::CircuitOpen)
    ));
    assert_eq!(provider.received().await.len(), 2);
    assert_eq!(provider.outcomes()[2], Outcome::CircuitOpen);
}

#[tokio::test]
async fn after_its_time_one_call_tries_and_its_answer_decides() {
    let provider = Provider::start().await;
    let back = answer(200, &json!({ "id": 7, "status": "approved" }));
    provider.answers(vec![status(503), status(503), back]).await;
    let client = provider.client_with(&opening_after(&provider, 1, Duration::ZERO));
    client.payment(&id("7")).await.unwrap_err();
    client.payment(&id("7")).await.unwrap_err();
    assert_eq!(client.circuit(), Circuit::Open);
    client.payment(&id("7")).await.unwrap();
    assert_eq!(client.circuit(), Circuit::Closed);
}

#[tokio::test]
async fn a_circuit_that_opens_under_a_call_does_not_hide_that_it_was_sent() {
    let provider = Provider::start().await;
    provider.answers(vec![status(503)]).await;
    let mut settings = opening_after(&provider, 2, Duration::from_hours(1));
    settings.repetitions = 5;
    let client = provider.client_with(&settings);
    assert!(matches!(
        client.payment(&id("7")).await,
        Err(CallError::Unavailable(_))
    ));
    assert_eq!(provider.received().await.len(), 2);
}

#[tokio::test]
async fn refusals_are_answers_and_open_nothing() {
    let provider = Provider::start().await;
    provider.answers(vec![status(404)]).await;
    let client = provider.client_with(&opening_after(&provider, 1, Duration::from_hours(1)));
    for _ in 0..3 {
        client.payment(&id("7")).await.unwrap_err();
    }
    assert_eq!(client.circuit(), Circuit::Closed);
}
