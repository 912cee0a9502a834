//! What WhatsApp refuses is sent later, or given up, by its code.

use serde_json::json;
use testkit::wait_until;

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;
use crate::rows::timeline;

/// Waits until the message was tried so often and waits again.
async fn tried(house: &House, attempts: i32) {
    wait_until(SOON, async || {
        let messages = house.messages().await;
        messages[0].attempts == attempts && messages[0].state == "queued"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_whatsapp_cannot_take_is_sent_once_when_it_can() {
    let house = House::open().await;
    for fault in [
        json!({ "provider": "whatsapp", "status": 500 }),
        json!({ "provider": "whatsapp", "code": 130_429, "headers": { "Retry-After": "7" } }),
        json!({ "provider": "whatsapp", "code": 131_016 }),
    ] {
        house.order("/faults", fault).await;
    }
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;

    for (attempts, wait) in [(1, 2), (2, 7), (3, 8)] {
        wait_until(SOON, async || !house.messages().await.is_empty()).await;
        tried(&house, attempts).await;
        house.wait(time::Duration::seconds(wait - 1)).await;
        assert_eq!(house.messages().await[0].attempts, attempts);
        house.wait(time::Duration::seconds(1)).await;
    }
    house.wait_for_state("read").await;
    assert_eq!(house.calls().await.len(), 4);
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_gets_too_much_waits_with_all_their_messages_and_others_do_not() {
    let house = House::open().await;
    let poor = Replica::with(&house, |settings| settings.whatsapp_access_token = None).await;
    // One more than are sent at once.
    for stay in house.stays(11, "confirmed").await {
        house.announce_confirmed(&stay).await;
    }
    wait_until(SOON, async || house.messages().await.len() == 11).await;
    drop(poor);
    house
        .order("/faults", json!({ "provider": "whatsapp", "code": 131_056 }))
        .await;

    let _rich = Replica::start(&house).await;
    house.wait_for_arrivals(PHONE, 9).await;
    let other = house.stay_of("confirmed", Some("5491199999999")).await;
    house.announce_confirmed(&other).await;
    house.wait_for_arrivals("5491199999999", 1).await;
    assert_eq!(house.arrived(PHONE).await.len(), 9);
    house.wait(time::Duration::seconds(4)).await;
    assert_eq!(house.wait_for_arrivals(PHONE, 11).await.len(), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_stops_sending_shows_in_health_and_loses_nothing() {
    let house = House::open().await;
    let replica = Replica::start(&house).await;
    wait_until(SOON, async || replica.health().await["status"] == "healthy").await;
    house
        .order(
            "/faults",
            json!({ "provider": "whatsapp", "code": 190, "times": 1 }),
        )
        .await;
    let first = house.stay("confirmed").await;
    house.announce_confirmed(&first).await;
    wait_until(SOON, async || replica.health().await["status"] == "degraded").await;
    let health = replica.health().await;
    assert_eq!(health["checks"]["whatsapp"]["status"], "error");
    assert_eq!(
        health["checks"]["whatsapp"]["error"],
        "the access token is refused"
    );

    let second = house.stay("confirmed").await;
    house.announce_confirmed(&second).await;
    wait_until(SOON, async || house.messages().await.len() == 2).await;
    assert_eq!(house.calls().await.len(), 1);
    let metrics = replica.metrics().await;
    assert!(metrics.contains("messages_waiting 2\n"), "{metrics}");
    assert!(metrics.contains("provider_circuit_open 1\n"), "{metrics}");

    house.wait(time::Duration::minutes(1)).await;
    assert_eq!(house.wait_for_arrivals(PHONE, 2).await.len(), 2);
    wait_until(SOON, async || replica.health().await["status"] == "healthy").await;
    let metrics = replica.metrics().await;
    let sent = r#"messages_sent_total{form="template",message="confirmed"} 2"#;
    assert!(metrics.contains(sent), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_never_arrive_is_given_up_at_once_and_stands_in_the_timeline() {
    let house = House::open().await;
    house
        .order("/faults", json!({ "provider": "whatsapp", "code": 131_026 }))
        .await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    let row = house.wait_for_state("failed").await;
    assert_eq!(row.failure.as_deref(), Some("undeliverable"));
    assert_eq!(
        timeline(&house.database).await,
        [r#"guest_not_told {"cause": "undeliverable", "message": "confirmed"}"#]
    );
    house.wait(time::Duration::days(1)).await;
    let other = house.stay_of("confirmed", Some("5491199999999")).await;
    house.announce_confirmed(&other).await;
    house.wait_for_arrivals("5491199999999", 1).await;
    assert_eq!(house.calls().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credentials_the_service_is_healthy_and_messages_wait_for_them() {
    let house = House::open().await;
    let poor = Replica::with(&house, |settings| settings.whatsapp_access_token = None).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    wait_until(SOON, async || house.messages().await.len() == 1).await;
    wait_until(SOON, async || poor.health().await["status"] == "healthy").await;
    assert_eq!(house.messages().await[0].state, "queued");
    drop(poor);

    let _rich = Replica::start(&house).await;
    house.wait_for_state("read").await;
}
