//! How stores look in `/healthz`.

use std::time::Duration;

use messaging::topology::{DEAD_QUEUE, Topology};
use messaging::{Broker, BrokerSettings, Message, Publisher};
use serde_json::{Value, json};
use service::clock::Clock;
use service::health::{Health, Weight};
use testkit::proxy::Fault;
use testkit::{Proxy, TestBroker, TestDatabase, TestRedis, wait_for};
use time::macros::datetime;
use url::Url;

use crate::SOON;

fn page() -> service::health::Builder {
    Health::builder(Clock::frozen_at(datetime!(2026-11-24 12:00 UTC)))
}

fn broker_at(url: &Url) -> Broker {
    let settings = BrokerSettings::new(url.as_str(), "webhooks").unwrap();
    let settings = settings
        .with_topology(Topology::of_services(&["webhooks"]))
        .with_reconnect_at_most_every(Duration::from_millis(200));
    Broker::start(settings)
}

/// The checks as soon as the page has the status `overall`.
async fn shown(health: &Health, overall: &str) -> Value {
    wait_for(SOON, async || {
        let mut page = serde_json::to_value(health.page().await).unwrap();
        let found = page["status"] == overall;
        found.then(|| page["checks"].take())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_slow_hangs_or_is_gone_is_told_apart_without_naming_it() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    let health = stores::health::database(page(), Weight::Critical, &testkit::database::open(&url)).build();
    assert_eq!(shown(&health, "healthy").await["database"]["status"], "ok");
    proxy.set(Fault::Delay(Duration::from_millis(150)));
    let slow = shown(&health, "degraded").await;
    assert_eq!(slow["database"]["status"], "slow");
    assert!(500 <= slow["database"]["latency_ms"].as_u64().unwrap(), "{slow}");
    proxy.set(Fault::Stall);
    assert_eq!(
        shown(&health, "unhealthy").await["database"]["error"],
        "timed out"
    );
    proxy.set(Fault::Refuse);
    let gone = wait_for(SOON, async || {
        let checks = shown(&health, "unhealthy").await;
        let words = checks["database"]["error"].as_str().unwrap().to_owned();
        (words != "timed out").then_some(words)
    })
    .await;
    assert!(
        !gone.contains("127.0.0.1") && !gone.contains(database.name()),
        "{gone}"
    );
    proxy.set(Fault::None);
    shown(&health, "healthy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_service_is_degraded_at_most() {
    let redis = TestRedis::create().await;
    let (proxy, url) = Proxy::before(redis.url()).await;
    let redis = storage::redis::Redis::new(&url.as_str().into()).unwrap();
    let health = stores::health::redis(page(), &redis).build();
    assert_eq!(shown(&health, "healthy").await["redis"]["status"], "ok");
    proxy.set(Fault::Refuse);
    let words = "connection refused or no answer";
    assert_eq!(shown(&health, "degraded").await["redis"]["error"], words);
    proxy.set(Fault::None);
    shown(&health, "healthy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rabbitmq_a_service_is_degraded_at_most_and_says_why() {
    let rabbit = TestBroker::create().await;
    let (proxy, url) = Proxy::before(&rabbit.url()).await;
    let broker = broker_at(&url);
    let health = stores::health::broker(page(), &broker).build();
    let well = shown(&health, "healthy").await;
    assert_eq!(
        (&well["rabbitmq"]["status"], &well["dead_letters"]),
        (&json!("ok"), &json!({ "status": "ok", "count": 0 }))
    );
    proxy.set(Fault::Refuse);
    let away = shown(&health, "degraded").await;
    assert_eq!(away["rabbitmq"]["status"], "error");
    assert_eq!(away["rabbitmq"]["since"], "2026-11-24T12:00:00Z");
    assert!(!away.to_string().contains("127.0.0.1"), "{away}");
    assert_eq!(away["dead_letters"]["status"], "ok", "one fault, one row");
    proxy.set(Fault::None);
    shown(&health, "healthy").await;
    broker.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_hangs_shows_within_seconds() {
    let rabbit = TestBroker::create().await;
    let (proxy, url) = Proxy::before(&rabbit.url()).await;
    let broker = broker_at(&url);
    let health = stores::health::broker(page(), &broker).build();
    shown(&health, "healthy").await;
    proxy.set(Fault::Stall);
    assert_eq!(shown(&health, "degraded").await["rabbitmq"]["status"], "error");
    broker.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_nobody_could_process_are_counted() {
    let rabbit = TestBroker::create().await;
    let broker = broker_at(&rabbit.url());
    let health = stores::health::broker(page(), &broker).build();
    shown(&health, "healthy").await;
    for body in [b"one", b"two"] {
        let message = Message::to_queue(
            DEAD_QUEUE,
            storage::outbox::new_id(datetime!(2026-11-24 12:00 UTC)),
            body.to_vec(),
        );
        Publisher::new(&broker).publish(&message).await.unwrap();
    }
    let dead = wait_for(SOON, async || {
        let checks = shown(&health, "degraded").await;
        (checks["dead_letters"]["count"] == 2).then_some(checks)
    })
    .await;
    assert_eq!(dead["dead_letters"]["status"], "warning");
    assert_eq!(dead["rabbitmq"]["status"], "ok");
    broker.stop();
}
