//! Several senders, and each message is sent by one of them, once.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::json;
use testkit::wait_until;

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_senders_at_once_send_sixty_messages_once_each() {
    let house = House::open().await;
    let stays = house.stays(60, "confirmed").await;
    let without = |settings: &mut concierge::settings::Settings| settings.whatsapp_access_token = None;
    let silent = Replica::with(&house, without).await;
    join_all(stays.iter().map(|stay| house.announce_confirmed(stay))).await;
    wait_until(SOON, async || house.messages().await.len() == 60).await;
    drop(silent);

    let _replicas = tokio::join!(
        Replica::start(&house),
        Replica::start(&house),
        Replica::start(&house)
    );
    wait_until(SOON, async || {
        let messages = house.messages().await;
        messages.iter().all(|row| row.state == "read")
    })
    .await;
    let calls = house.calls().await;
    let ids: HashSet<_> = calls
        .iter()
        .map(|call| call["biz_opaque_callback_data"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((calls.len(), ids.len()), (60, 60));
    let messages = house.messages().await;
    assert!(messages.iter().all(|row| row.attempts == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_sender_died_before_sending_is_sent_when_its_lease_ends() {
    let house = House::open().await;
    house
        .order("/faults", json!({ "provider": "whatsapp", "then": "hang" }))
        .await;
    let replica = Replica::with(&house, |settings| settings.whatsapp_timeout_milliseconds = 60_000).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    wait_until(SOON, async || house.calls().await.len() == 1).await;
    replica.kill();

    let _other = Replica::start(&house).await;
    house.wait(time::Duration::seconds(100)).await;
    assert_eq!(house.messages().await[0].state, "sending");
    house.wait(time::Duration::seconds(21)).await;
    house.wait_for_state("read").await;
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_sender_died_after_sending_is_not_sent_again_if_a_status_comes() {
    let house = House::open().await;
    house
        .order(
            "/faults",
            json!({ "provider": "whatsapp", "then": "hang", "after_effect": true }),
        )
        .await;
    let replica = Replica::with(&house, |settings| settings.whatsapp_timeout_milliseconds = 60_000).await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    wait_until(SOON, async || house.calls().await.len() == 1).await;
    replica.kill();

    let _other = Replica::start(&house).await;
    house.wait_for_state("read").await;
    house.wait(time::Duration::minutes(10)).await;
    let other = house.stay_of("confirmed", Some("5491199999999")).await;
    house.announce_confirmed(&other).await;
    house.wait_for_arrivals("5491199999999", 1).await;
    assert_eq!(house.arrived(PHONE).await.len(), 1);
}
