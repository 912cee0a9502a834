use std::{collections::HashSet, time::Duration};

use messaging::Outcome;
use testkit::{Proxy, proxy::Fault, wait_until};
use tokio_util::sync::CancellationToken;

use crate::{
    events_of_tests::{HELD, announce, announce_many},
    world::{QUEUE, SOON, Seen, World, connected, consume, depth},
};

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_share_the_work_without_doubling() {
    let world = World::new().await;
    let (first, second) = (world.broker().await, world.broker().await);
    announce_many(&world.database.database(), 700).await;

    let (one, two) = (world.relay(&first), world.relay(&second));
    let (one, two) = tokio::join!(
        tokio::spawn(async move { one.drain().await }),
        tokio::spawn(async move { two.drain().await })
    );
    let (one, two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
    assert_eq!(one + two, 700, "{one} + {two}");
    wait_until(SOON, async || depth(&first, QUEUE).await == 700).await;
    assert!(world.database.outbox().await.is_empty());

    let seen = Seen::new();
    let _running = consume(&first, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.event_id);
            std::future::ready(Outcome::Done)
        }
    });
    let ids: HashSet<_> = seen.wait_for(700).await.into_iter().collect();
    assert_eq!(ids.len(), 700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_relay_is_woken_by_the_commit() {
    let world = World::new().await;
    let broker = world.broker().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(world.relay(&broker).run(stop.clone()));
    for number in 0..3 {
        announce(&world.database.database(), &format!("RES{number}")).await;
        wait_until(SOON, async || depth(&broker, QUEUE).await == number + 1).await;
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_away_events_wait_and_then_all_leave() {
    let world = World::new().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let broker = world.broker_at(&url).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(world.relay(&broker).run(stop.clone()));

    proxy.set(Fault::Refuse);
    wait_until(SOON, async || broker.probe().await.is_err()).await;
    announce_many(&world.database.database(), 250).await;
    assert!(world.relay(&broker).pass().await.is_err());
    assert_eq!(world.database.outbox().await, [HELD; 250]);

    proxy.set(Fault::None);
    wait_until(SOON, async || world.database.outbox().await.is_empty()).await;
    connected(&broker).await;
    assert_eq!(depth(&broker, QUEUE).await, 250);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_broker_holds_the_transaction_only_for_a_moment() {
    let world = World::new().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let broker = world.broker_at(&url).await;
    announce(&world.database.database(), "RES1").await;
    let relay = world.relay(&broker);
    proxy.set(Fault::Stall);
    let started = std::time::Instant::now();
    assert!(relay.pass().await.is_err());
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );

    proxy.set(Fault::None);
    wait_until(SOON, async || {
        relay.drain().await.is_ok_and(|published| published == 1)
    })
    .await;
}
