use std::time::Duration;

use messaging::{Broker, BrokerSettings, Outcome, broker::BrokerStatus};
use testkit::{Proxy, TestBroker, proxy::Fault, wait_until};

use crate::{
    events_of_tests::announce,
    world::{SOON, Seen, World, connected, consume, topology},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_comes_back_and_consumers_with_it() {
    let world = World::new().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let broker = world.broker_at(&url).await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.event_id);
            std::future::ready(Outcome::Done)
        }
    });
    let relay = world.relay(&broker);
    for round in 1..=5 {
        announce(&world.database.database(), &format!("RES{round}")).await;
        wait_until(SOON, async || {
            relay.drain().await.is_ok() && world.database.outbox().await.is_empty()
        })
        .await;
        seen.wait_for(round).await;
        proxy.cut();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_a_silent_broker_leave_no_threads_behind_and_end_when_it_speaks() {
    let world = World::new().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let settings = BrokerSettings::new(url.as_str(), "payments")
        .unwrap()
        .with_topology(topology())
        .with_answer_timeout(Duration::from_millis(200))
        .with_connect_timeout(Duration::from_millis(200))
        .with_reconnect_at_most_every(Duration::from_millis(50));
    let broker = Broker::start(settings);
    connected(&broker).await;

    proxy.set(Fault::Stall);
    assert!(broker.probe().await.is_err());
    wait_until(SOON, async || {
        matches!(broker.status(), BrokerStatus::Down { .. })
    })
    .await;
    let before = proxy.accepted();
    wait_until(SOON, async || before + 8 <= proxy.accepted()).await;
    proxy.set(Fault::None);
    connected(&broker).await;
    wait_until(SOON, async || threads_of_lapin() < 4).await;
    assert!(broker.probe().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_everything_fails_at_once_and_names_no_address() {
    let settings = BrokerSettings::new("amqp://someone:secret@127.0.0.1:1/%2f", "payments").unwrap();
    assert!(!format!("{settings:?}").contains("secret"));
    let broker = Broker::start(settings);
    let started = std::time::Instant::now();
    let error = broker.probe().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(error.to_string(), "not connected to RabbitMQ");
    assert!(matches!(broker.status(), BrokerStatus::Down { .. }));
    assert!(BrokerSettings::new("http://127.0.0.1", "payments").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn six_services_may_declare_the_whole_topology_at_once() {
    let rabbit = TestBroker::create().await;
    let services = [
        "gateway",
        "reservations",
        "webhooks",
        "payments",
        "ical-sync",
        "concierge",
    ];
    let brokers =
        services.map(|service| Broker::start(BrokerSettings::new(rabbit.url().as_str(), service).unwrap()));
    for broker in &brokers {
        connected(broker).await;
    }
    for subscription in messaging::topology::all() {
        assert_eq!(brokers[0].depth(&subscription.queue()).await.unwrap(), 0);
    }
}

/// How many I/O threads this process has, all tests of this binary included.
fn threads_of_lapin() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "lapin-io-loop").count()
}
