//! Stores that come and go lose nothing and double nothing.

use futures_util::future::join_all;
use secrecy::SecretString;
use testkit::proxy::Fault;
use testkit::{Proxy, wait_until};

use crate::house::{House, PHONE, SOON};
use crate::replica::Replica;

async fn all_read(house: &House, count: usize) {
    wait_until(SOON, async || {
        let messages = house.messages().await;
        if messages.iter().any(|row| row.state == "unknown") {
            // It waits for statuses that have come and are being worked on.
            house.wait(time::Duration::seconds(10)).await;
        }
        messages.len() == count && messages.iter().all(|row| row.state == "read")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_postgresql_loses_no_message_and_doubles_none() {
    let house = House::open().await;
    let (proxy, url) = Proxy::before(house.database.url()).await;
    let replica = Replica::with(&house, |settings| {
        settings.database_url = SecretString::from(url.as_str());
    })
    .await;
    let stays = house.stays(10, "confirmed").await;
    join_all(stays.iter().map(|stay| house.announce_confirmed(stay))).await;
    proxy.set(Fault::Refuse);
    wait_until(SOON, async || {
        replica.health().await["checks"]["database"]["status"] == "error"
    })
    .await;
    let more = house.stays(10, "confirmed").await;
    join_all(more.iter().map(|stay| house.announce_confirmed(stay))).await;
    proxy.set(Fault::None);
    wait_until(SOON, async || house.messages().await.len() == 20).await;
    // What was claimed when the connection broke is due when its lease ends.
    house.wait(time::Duration::minutes(2)).await;
    all_read(&house, 20).await;
    assert_eq!(house.arrived(PHONE).await.len(), 20);
    assert_eq!(house.dead().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_rabbitmq_loses_no_message_and_doubles_none() {
    let house = House::open().await;
    let (proxy, url) = Proxy::before(&house.rabbit.url()).await;
    let replica = Replica::with(&house, |settings| {
        settings.amqp_url = SecretString::from(url.as_str());
    })
    .await;
    let stays = house.stays(10, "confirmed").await;
    join_all(stays.iter().map(|stay| house.announce_confirmed(stay))).await;
    proxy.set(Fault::Refuse);
    wait_until(SOON, async || replica.health().await["status"] == "degraded").await;
    assert_eq!(replica.status("/readyz").await, 200);
    let more = house.stays(10, "confirmed").await;
    join_all(more.iter().map(|stay| house.announce_confirmed(stay))).await;
    proxy.set(Fault::None);
    all_read(&house, 20).await;
    assert_eq!(house.arrived(PHONE).await.len(), 20);
    assert_eq!(house.dead().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_of_a_message_is_kept_through_a_database_that_is_away_for_a_moment() {
    let house = House::open().await;
    let (proxy, url) = Proxy::before(house.database.url()).await;
    house
        .order("/whatsapp/settings", serde_json::json!({ "automatic": false }))
        .await;
    house
        .order(
            "/faults",
            serde_json::json!({ "provider": "whatsapp", "delay_ms": 500 }),
        )
        .await;
    let _replica = Replica::with(&house, |settings| {
        settings.database_url = SecretString::from(url.as_str());
    })
    .await;
    let stay = house.stay("confirmed").await;
    house.announce_confirmed(&stay).await;
    wait_until(SOON, async || house.calls().await.len() == 1).await;
    proxy.set(Fault::Refuse);
    wait_until(SOON, async || house.arrived(PHONE).await.len() == 1).await;
    assert_eq!(house.messages().await[0].state, "sending");
    proxy.set(Fault::None);
    house.wait_for_state("accepted").await;
    assert_eq!(house.calls().await.len(), 1);
}
