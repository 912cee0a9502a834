use std::time::{Duration, Instant};

use messaging::topology::{RetryLadder, Topology, WEBHOOK_FALLBACK_QUEUE};
use messaging::{Broker, BrokerSettings, Clock, Message, Publisher, dead_letters};
use reqwest::RequestBuilder;
use testkit::proxy::Fault;
use testkit::{Proxy, wait_until};
use uuid::Uuid;

use crate::world::{CONFIGURED, SOON, Service, Stores, all_at_once, now, status};

/// Behind proxies: PostgreSQL's, RabbitMQ's.
async fn behind_proxies(stores: &Stores) -> (Service, Proxy, Proxy) {
    let (database, database_url) = Proxy::before(stores.database.url()).await;
    let (rabbit, rabbit_url) = Proxy::before(&stores.rabbit.url()).await;
    let service = Service::start(&database_url, &rabbit_url, &CONFIGURED);
    service.until_ready().await;
    service.until_connected().await;
    (service, database, rabbit)
}

/// Ten deliveries, each twice.
fn ten_twice(service: &Service) -> Vec<RequestBuilder> {
    let numbers = (0..10).chain(0..10);
    let requests = numbers.map(|number| {
        if number % 2 == 0 {
            service.signed_whatsapp(format!("[{number}]").as_bytes())
        } else {
            let (id, query) = (number.to_string(), format!("data.id={number}&type=payment"));
            service.signed_mercadopago(&query, Some(&id), "r", "{}")
        }
    });
    requests.collect()
}

async fn until_ten_are_stored(stores: &Stores) {
    wait_until(SOON, async || stores.deliveries().await.len() == 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_away_deliveries_wait_in_rabbitmq_and_are_then_stored_once() {
    let stores = Stores::new().await;
    let (service, database, _rabbit) = behind_proxies(&stores).await;
    database.set(Fault::Refuse);
    let asked = Instant::now();
    assert_eq!(all_at_once(ten_twice(&service)).await, [200; 20]);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert!(stores.deliveries().await.is_empty());

    database.set(Fault::None);
    until_ten_are_stored(&stores).await;
    // The provider sends what it is not sure of once more.
    assert_eq!(all_at_once(ten_twice(&service)).await, [200; 20]);
    let broker = broker(&stores).await;
    wait_until(SOON, async || {
        broker.depth(WEBHOOK_FALLBACK_QUEUE).await.unwrap() == 0
    })
    .await;
    assert_eq!(
        (stores.deliveries().await.len(), stores.events().await.len()),
        (10, 10)
    );
    assert_eq!(dead_letters::count(&broker).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_does_not_answer_counts_as_away() {
    let stores = Stores::new().await;
    let (service, database, _rabbit) = behind_proxies(&stores).await;
    for fault in [Fault::Stall, Fault::StallAnswers] {
        database.set(fault);
        let asked = Instant::now();
        assert_eq!(all_at_once(ten_twice(&service)).await, [200; 20]);
        assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
        // What was on its way arrives now, too: under the same key.
        database.set(Fault::None);
        until_ten_are_stored(&stores).await;
    }
    let broker = broker(&stores).await;
    wait_until(SOON, async || {
        broker.depth(WEBHOOK_FALLBACK_QUEUE).await.unwrap() == 0
    })
    .await;
    assert_eq!(
        (stores.deliveries().await.len(), stores.events().await.len()),
        (10, 10)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_before_postgresql_takes_deliveries_already() {
    let stores = Stores::new().await;
    let (database, url) = Proxy::before(stores.database.url()).await;
    database.set(Fault::Refuse);
    let service = Service::start(&url, &stores.rabbit.url(), &CONFIGURED);
    service.until_connected().await;
    assert_eq!(status(service.get("/readyz")).await, 503);
    assert_eq!(all_at_once(ten_twice(&service)).await, [200; 20]);
    database.set(Fault::None);
    until_ten_are_stored(&stores).await;
    service.until_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_away_the_provider_hears_so_at_once_and_sends_again() {
    let stores = Stores::new().await;
    let (service, database, rabbit) = behind_proxies(&stores).await;
    database.set(Fault::Refuse);
    rabbit.set(Fault::Refuse);
    let asked = Instant::now();
    let mut waits = Vec::new();
    for request in ten_twice(&service) {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 503);
        waits.push(
            answer.headers()["retry-after"]
                .to_str()
                .unwrap()
                .parse::<u32>()
                .unwrap(),
        );
    }
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(waits.iter().all(|wait| (1..=60).contains(wait)), "{waits:?}");
    assert!(
        20.0 <= service
            .metric("webhook_deliveries_kept_total", &["whatsapp", "nowhere"])
            .await
            * 2.0
    );

    database.set(Fault::None);
    rabbit.set(Fault::None);
    wait_until(SOON, async || all_at_once(ten_twice(&service)).await == [200; 20]).await;
    until_ten_are_stored(&stores).await;
    assert_eq!(stores.events().await.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_silent_the_provider_waits_a_few_seconds_at_most() {
    let stores = Stores::new().await;
    let (service, database, rabbit) = behind_proxies(&stores).await;
    database.set(Fault::Stall);
    rabbit.set(Fault::Stall);
    let asked = Instant::now();
    assert_eq!(status(service.signed_whatsapp(b"{}")).await, 503);
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rabbitmq_deliveries_are_stored_and_their_events_wait() {
    let stores = Stores::new().await;
    let (service, _database, rabbit) = behind_proxies(&stores).await;
    rabbit.set(Fault::Refuse);
    assert_eq!(all_at_once(ten_twice(&service)).await, [200; 20]);
    assert_eq!(stores.deliveries().await.len(), 10);
    assert_eq!(stores.database.outbox().await.len(), 10);
    rabbit.set(Fault::None);
    wait_until(SOON, async || stores.database.outbox().await.is_empty()).await;
}

/// A stranger may send a hint with any query; it must not cost the connection to RabbitMQ.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_with_a_long_query_waits_like_any_other() {
    let stores = Stores::new().await;
    let (service, database, _rabbit) = behind_proxies(&stores).await;
    database.set(Fault::Refuse);
    let padding = "\"".repeat(15_000);
    let long = service.mercadopago(
        &format!("id=1&topic=payment&x={}", padding.replace('"', "%22")),
        "",
    );
    let long = long.header("user-agent", "\"".repeat(20_000));
    assert_eq!(status(long).await, 200);
    assert_eq!(status(service.signed_whatsapp(b"{}")).await, 200);
    database.set(Fault::None);
    wait_until(SOON, async || stores.deliveries().await.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_delivery_goes_to_the_dead_letters_and_stops_nobody() {
    let stores = Stores::new().await;
    let (service, database, _rabbit) = behind_proxies(&stores).await;
    database.set(Fault::Refuse);
    let broker = broker(&stores).await;
    let publisher = Publisher::new(&broker);
    for body in [&b"garbage"[..], b"{}\nbody"] {
        let stray = Message::to_queue(WEBHOOK_FALLBACK_QUEUE, Uuid::new_v4(), body.to_vec());
        publisher.publish(&stray).await.unwrap();
    }
    assert_eq!(status(service.signed_whatsapp(b"{}")).await, 200);
    database.set(Fault::None);
    wait_until(SOON, async || stores.deliveries().await.len() == 1).await;
    wait_until(SOON, async || dead_letters::count(&broker).await.unwrap() == 2).await;
}

/// A handle of our own on the service's broker.
async fn broker(stores: &Stores) -> Broker {
    let topology = Topology::new(Vec::new(), RetryLadder::new(&[Duration::from_millis(50)]));
    let settings = BrokerSettings::new(stores.rabbit.url().as_str(), "test").unwrap();
    let broker = Broker::start(settings.with_topology(topology));
    let _clock: Clock = std::sync::Arc::new(now);
    wait_until(SOON, async || broker.probe().await.is_ok()).await;
    broker
}
