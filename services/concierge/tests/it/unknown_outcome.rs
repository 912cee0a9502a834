//! A call without an answer: the message may have gone out, and Meta has no idempotency key.

use serde_json::{Value, json};
use testkit::wait_until;

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;

fn cut_after_sending() -> Value {
    json!({ "provider": "whatsapp", "then": "close", "after_effect": true })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_went_out_without_an_answer_is_known_by_its_status_and_not_sent_again() {
    let house = House::open().await;
    house.order("/faults", cut_after_sending()).await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    let row = house.wait_for_state("read").await;
    assert!(row.wamid.is_some());
    house.wait(time::Duration::minutes(10)).await;
    let other = house.stay_of("confirmed", Some("5491199999999")).await;
    house.announce_confirmed(&other).await;
    house.wait_for_arrivals("5491199999999", 1).await;
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_which_nothing_is_heard_goes_out_again_after_the_grace_with_the_same_id() {
    let house = House::open().await;
    house
        .order("/faults", json!({ "provider": "whatsapp", "then": "close" }))
        .await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    house.wait_for_state("unknown").await;
    house.wait(time::Duration::seconds(59)).await;
    assert_eq!(house.calls().await.len(), 1);
    house.wait(time::Duration::seconds(1)).await;
    let row = house.wait_for_state("read").await;
    let calls = house.calls().await;
    let ids: Vec<_> = calls
        .iter()
        .map(|call| call["biz_opaque_callback_data"].clone())
        .collect();
    assert_eq!(ids, [json!(row.id.to_string()), json!(row.id.to_string())]);
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statuses_that_have_come_but_are_not_worked_on_keep_a_message_from_going_out_again() {
    let house = House::open().await;
    house.mailbox.fall_silent();
    house.order("/faults", cut_after_sending()).await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    house.wait_for_state("unknown").await;
    let deliveries = async || {
        let query = "SELECT id::text AS text FROM webhook_deliveries ORDER BY received_at, id";
        crate::rows::texts(&house.database, query).await
    };
    wait_until(SOON, async || deliveries().await.len() == 3).await;
    house.wait(time::Duration::seconds(60)).await;
    wait_until(SOON, async || {
        let messages = house.messages().await;
        messages[0].failure.as_deref() == Some("statuses_pending")
    })
    .await;
    assert_eq!(house.calls().await.len(), 1);

    for id in deliveries().await {
        house.mailbox.announce(id.parse().unwrap()).await;
    }
    house.wait_for_state("read").await;
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}
