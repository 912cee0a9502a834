//! The guest of a confirmed stay is told, once.

use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::json;
use service::guest_token;
use testkit::wait_until;
use uuid::Uuid;

use crate::house::{House, PHONE, SOON, confirmed};
use crate::replica::Replica;
use crate::rows::{self, texts, timeline};

/// The places of the template that a call to the send API fills.
fn parameters(call: &serde_json::Value) -> Vec<String> {
    let places = call["template"]["components"][0]["parameters"]
        .as_array()
        .unwrap();
    let text = |place: &serde_json::Value| place["text"].as_str().unwrap().to_owned();
    places.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guest_of_a_confirmed_stay_gets_its_facts_and_a_link_that_opens_it() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;

    house.announce_confirmed(&stay).await;
    house.wait_for_state("read").await;

    let calls = house.calls().await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["to"], PHONE);
    assert_eq!(calls[0]["template"]["name"], "reserva_confirmada");
    assert_eq!(calls[0]["template"]["language"]["code"], "es_AR");
    let places = parameters(&calls[0]);
    assert_eq!(
        places[..9],
        [
            "Lucía",
            &stay.code,
            "Cabaña del Bosque",
            "jueves 10 de diciembre de 2026",
            "domingo 13 de diciembre de 2026",
            "2",
            "ARS 150.000,00",
            "ARS 45.000,00",
            "ARS 105.000,00",
        ]
    );
    let (page, token) = places[9].split_once('#').unwrap();
    assert_eq!(page, format!("https://reservas.example/reservas/{}", stay.code));
    let stored = rows::access_token_hash(&house.database, stay.id).await;
    let token = SecretString::from(token);
    assert!(guest_token::matches(&stored, &token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_of_a_guest_is_nowhere_in_the_database() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    let row = house.wait_for_state("read").await;

    let calls = house.calls().await;
    let link = parameters(&calls[0]).pop().unwrap();
    let (_, token) = link.split_once('#').unwrap();
    assert!(!row.content.to_string().contains(token));
    assert!(row.content.to_string().contains("manage_link"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_twenty_times_at_once_to_replicas_that_die_tells_the_guest_once() {
    let house = House::open().await;
    let stays = house.stays(5, "confirmed").await;
    let events: Vec<_> = stays
        .iter()
        .map(|stay| (Uuid::new_v4(), confirmed(stay)))
        .collect();
    let twenty_of_each = || {
        let copies = (0..20).flat_map(|_| events.iter());
        join_all(copies.map(|(id, event)| house.announce_as(*id, event)))
    };
    let first = Replica::start(&house).await;
    twenty_of_each().await;
    wait_until(SOON, async || !house.calls().await.is_empty()).await;
    first.kill();

    let second = Replica::start(&house).await;
    twenty_of_each().await;
    wait_until(SOON, async || house.messages().await.len() == stays.len()).await;
    second.kill();

    let _third = Replica::start(&house).await;
    // Whatever went out is known by its statuses; what the dead had in hand is due when its lease ends.
    wait_until(SOON, async || {
        let called = house.calls().await.len();
        let messages = house.messages().await;
        called == messages.iter().filter(|row| row.state == "read").count()
    })
    .await;
    house.wait(time::Duration::minutes(2)).await;
    wait_until(SOON, async || {
        let messages = house.messages().await;
        if messages.iter().any(|row| row.state == "unknown") {
            house.wait(time::Duration::seconds(10)).await;
        }
        messages.iter().all(|row| row.state == "read")
    })
    .await;
    let mut told: Vec<_> = house
        .arrived(PHONE)
        .await
        .iter()
        .map(|message| parameters(&message["content"])[1].clone())
        .collect();
    told.sort();
    let mut expected: Vec<_> = stays.iter().map(|stay| stay.code.clone()).collect();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_different_events_of_one_fact_tell_it_once() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    join_all((0..20).map(|_| house.announce_confirmed(&stay))).await;
    house.wait_for_state("read").await;
    wait_until(SOON, async || {
        let inbox = texts(&house.database, "SELECT event_id::text AS text FROM inbox_events").await;
        // The statuses of the one message are events, too.
        20 <= inbox.len()
    })
    .await;
    assert_eq!(house.calls().await.len(), 1);
    assert_eq!(house.messages().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_without_a_telephone_is_noted_and_not_written_to() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay_of("confirmed", None).await;
    house.announce_confirmed(&stay).await;
    let row = house.wait_for_state("failed").await;
    assert_eq!(row.failure.as_deref(), Some("no_phone"));
    assert_eq!(
        timeline(&house.database).await,
        [r#"guest_not_told {"cause": "no_phone", "message": "confirmed"}"#]
    );
    assert_eq!(house.calls().await, Vec::<serde_json::Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_stay_whose_event_was_lost_is_told_by_the_sweep() {
    let house = House::open().await;
    let stay = house.stay("confirmed").await;
    let old = house.stay("confirmed").await;
    let ago = "UPDATE reservations SET confirmed_at = confirmed_at - interval '3 days' WHERE code =";
    house.execute(&format!("{ago} '{}'", old.code)).await;
    let _replica = Replica::start(&house).await;
    house.wait(time::Duration::minutes(3)).await;
    let row = house.wait_for_state("read").await;
    assert_eq!(row.fact, format!("reservation.confirmed.v1:{}", stay.code));

    // The event comes after all.
    house.announce_confirmed(&stay).await;
    wait_until(SOON, async || {
        let consumer = "SELECT consumer AS text FROM inbox_events WHERE consumer LIKE '%confirmed'";
        texts(&house.database, consumer).await.len() == 1
    })
    .await;
    assert_eq!(house.calls().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_timeline_of_the_stay_says_that_its_guest_was_told() {
    let house = House::open().await;
    house
        .order("/whatsapp/settings", json!({ "automatic": false }))
        .await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    house.wait_for_state("accepted").await;
    assert_eq!(
        timeline(&house.database).await,
        [r#"guest_told {"form": "template", "message": "confirmed"}"#]
    );
}
