//! Statuses come late, twice and in any order; a message only moves forward.

use serde_json::{Value, json};
use testkit::wait_until;

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;
use crate::rows::{outcomes, timeline};

/// A body with these statuses of one message.
fn body(wamid: &str, callback: &str, statuses: &[(&str, Option<i64>)]) -> Vec<u8> {
    let status = |(status, code): &(&str, Option<i64>)| {
        json!({ "id": wamid, "status": status, "timestamp": "1764000000", "recipient_id": PHONE,
                "biz_opaque_callback_data": callback,
                "errors": code.map(|code| json!([{ "code": code, "title": "x" }])) })
    };
    let statuses: Vec<Value> = statuses.iter().map(status).collect();
    let metadata = json!({ "phone_number_id": crate::house::NUMBER_ID });
    let value = json!({ "metadata": metadata, "statuses": statuses });
    let body = json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] });
    body.to_string().into_bytes()
}

/// Delivers a body and waits until it is worked on.
async fn deliver(house: &House, body: &[u8]) {
    house.mailbox.deliver(body).await;
    wait_until(SOON, async || {
        let outcomes = outcomes(&house.database).await;
        outcomes.iter().all(|outcome| outcome == "done")
    })
    .await;
}

/// A message that WhatsApp took and of which nothing more is heard by itself.
async fn sent(house: &House) -> crate::rows::Row {
    house
        .order("/whatsapp/settings", json!({ "automatic": false }))
        .await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    house.wait_for_state("accepted").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_never_goes_back_whatever_the_order_of_its_statuses() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let row = sent(&house).await;
    let (wamid, id) = (row.wamid.unwrap(), row.id.to_string());
    for (statuses, state) in [
        (vec![("delivered", None)], "delivered"),
        (vec![("sent", None), ("delivered", None)], "delivered"),
        (vec![("read", None), ("delivered", None)], "read"),
        (vec![("failed", Some(131_026)), ("sent", None)], "read"),
        (vec![("deleted", None), ("a word of tomorrow", None)], "read"),
    ] {
        deliver(&house, &body(&wamid, &id, &statuses)).await;
        assert_eq!(house.messages().await[0].state, state, "{statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_does_not_arrive_is_recorded_with_its_cause_and_stays_failed() {
    let house = House::open().await;
    let replica = Replica::start(&house).await;
    let row = sent(&house).await;
    let (wamid, id) = (row.wamid.unwrap(), row.id.to_string());
    deliver(
        &house,
        &body(&wamid, &id, &[("failed", Some(131_026)), ("delivered", None)]),
    )
    .await;
    let row = &house.messages().await[0];
    assert_eq!(
        (row.state.as_str(), row.failure.as_deref()),
        ("failed", Some("undeliverable"))
    );
    assert_eq!(
        timeline(&house.database).await[1..],
        [r#"guest_not_told {"cause": "undeliverable", "message": "confirmed"}"#.to_owned()]
    );
    let failed = r#"messages_failed_total{cause="undeliverable",message="confirmed"} 1"#;
    assert!(replica.metrics().await.contains(failed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_fails_late_for_want_of_a_template_goes_out_as_one_once_however_often_it_is_said() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .order("/whatsapp/guest", json!({ "from": PHONE, "text": "Hola" }))
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;
    let row = sent(&house).await;
    let (wamid, id) = (row.wamid.unwrap(), row.id.to_string());
    for _ in 0..3 {
        deliver(&house, &body(&wamid, &id, &[("failed", Some(131_047))])).await;
    }
    house.wait_for_arrivals(PHONE, 2).await;
    let row = house.wait_for_state("accepted").await;
    deliver(
        &house,
        &body(&wamid, &id, &[("failed", Some(131_047)), ("sent", None)]),
    )
    .await;
    assert_eq!(house.ours().await[0].state, "accepted");
    deliver(&house, &body(&row.wamid.unwrap(), &id, &[("delivered", None)])).await;
    assert_eq!(house.ours().await[0].state, "delivered");
    let calls = house.calls().await;
    let kinds: Vec<_> = calls.iter().map(|call| call["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "template"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_overtakes_the_answer_to_our_call_counts() {
    let house = House::open().await;
    house
        .order(
            "/whatsapp/settings",
            json!({ "status_before_answer": true, "statuses": ["delivered"] }),
        )
        .await;
    house
        .order("/faults", json!({ "provider": "whatsapp", "delay_ms": 300 }))
        .await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    let row = house.wait_for_state("delivered").await;
    assert_eq!(row.attempts, 1);
    assert_eq!(timeline(&house.database).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_a_thousand_statuses_in_any_order_moves_every_message() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let row = sent(&house).await;
    let (wamid, id) = (row.wamid.unwrap(), row.id.to_string());
    let words = ["read", "sent", "delivered", "delivered"];
    let statuses: Vec<_> = (0..1_000).map(|index| (words[index % 4], None)).collect();
    deliver(&house, &body(&wamid, &id, &statuses)).await;
    assert_eq!(house.messages().await[0].state, "read");
}
