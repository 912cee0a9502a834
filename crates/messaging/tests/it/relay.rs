use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use diesel::sql_query;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::join_all;
use messaging::Outcome;
use testkit::{Proxy, proxy::Fault, wait_until};
use tokio_util::sync::CancellationToken;

use crate::{
    events_of_tests::{HELD, announce, announce_many, announce_slowly, code},
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
async fn two_running_relays_publish_nothing_twice() {
    let world = World::new().await;
    let (first, second) = (world.broker().await, world.broker().await);
    let stop = CancellationToken::new();
    let running = [&first, &second].map(|broker| tokio::spawn(world.relay(broker).run(stop.clone())));
    let database = world.database.database();
    for _round in 0..5 {
        announce_many(&database, 230).await;
    }
    wait_until(SOON, async || world.database.outbox().await.is_empty()).await;
    stop.cancel();
    join_all(running).await;
    assert_eq!(depth(&first, QUEUE).await, 5 * 230);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_relay_that_listens_dies_the_other_takes_over() {
    let world = World::new().await;
    let (first, second) = (world.broker().await, world.broker().await);
    let mut other = world.database.database().connect_directly().await.unwrap();
    let leader = tokio::spawn(world.relay(&first).run(CancellationToken::new()));
    wait_until(SOON, async || is_listening(&mut other).await).await;
    let stop = CancellationToken::new();
    let follower = tokio::spawn(world.relay(&second).run(stop.clone()));

    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    let died = Instant::now();
    announce(&world.database.database(), "RES1").await;
    wait_until(SOON, async || depth(&second, QUEUE).await == 1).await;
    wait_until(SOON, async || is_listening(&mut other).await).await;
    // It asks once a second.
    assert!(died.elapsed() < Duration::from_secs(3), "{:?}", died.elapsed());
    announce(&world.database.database(), "RES2").await;
    wait_until(SOON, async || depth(&second, QUEUE).await == 2).await;
    stop.cancel();
    follower.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_hangs_delays_events_by_a_second_and_keeps_none() {
    let world = World::new().await;
    let broker = world.broker().await;
    // It has the listener's lock, and does nothing.
    let mut hanging = world.database.database().connect_directly().await.unwrap();
    sql_query("SELECT pg_advisory_lock(7246005)")
        .execute(&mut hanging)
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(world.relay(&broker).run(stop.clone()));
    for round in 1..=3 {
        announce(&world.database.database(), "RES1").await;
        let committed = Instant::now();
        wait_until(SOON, async || depth(&broker, QUEUE).await == round).await;
        assert!(
            committed.elapsed() < Duration::from_secs(2),
            "{:?}",
            committed.elapsed()
        );
    }
    assert!(!is_listening(&mut hanging).await);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_side_by_side_all_leave_within_moments() {
    let world = World::new().await;
    let broker = world.broker().await;
    let stop = CancellationToken::new();
    let relaying = tokio::spawn(world.relay(&broker).run(stop.clone()));
    let arrived = Seen::new();
    let _running = consume(&broker, {
        let arrived = arrived.clone();
        move |delivery| {
            arrived.push((code(&delivery), Instant::now()));
            std::future::ready(Outcome::Done)
        }
    });

    let mut took = Vec::new();
    for round in 0..25 {
        let commits = (0..8).map(|number| {
            let (database, code) = (world.database.database(), format!("RES{round}N{number}"));
            tokio::spawn(async move {
                announce(&database, &code).await;
                (code, Instant::now())
            })
        });
        let committed: HashMap<String, Instant> =
            join_all(commits).await.into_iter().map(Result::unwrap).collect();
        let all = arrived.wait_for(8 * (round + 1)).await;
        let newest = all.iter().filter_map(|(code, at)| {
            committed
                .get(code)
                .map(|from| at.saturating_duration_since(*from))
        });
        took.extend(newest);
    }
    took.sort_unstable();
    let (median, slowest) = (took[took.len() / 2], took[took.len() - 1]);
    println!("from commit to consumer: {median:?} in the middle, {slowest:?} at worst");
    assert!(median < Duration::from_millis(150), "{median:?}");
    assert!(slowest < Duration::from_millis(900), "{slowest:?}");
    stop.cancel();
    relaying.await.unwrap();
}

/// Of commits side by side only one wakes the relays; the others must not wait for the clock's next look, a second on.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_wakes_nobody_is_found_a_moment_later() {
    let world = World::new().await;
    let broker = world.broker().await;
    let stop = CancellationToken::new();
    let relaying = tokio::spawn(world.relay(&broker).run(stop.clone()));
    let mut other = world.database.database().connect_directly().await.unwrap();
    wait_until(SOON, async || is_listening(&mut other).await).await;
    sql_query("SELECT pg_advisory_lock(7246003)")
        .execute(&mut other)
        .await
        .unwrap();

    for round in 0..3 {
        wait_until(SOON, async || depth(&broker, QUEUE).await == round).await;
        let database = world.database.database();
        let mut conn = database.get().await.unwrap();
        sql_query("NOTIFY outbox_events")
            .execute(&mut other)
            .await
            .unwrap();
        announce_slowly(&mut conn, "RES1").await;
        let committed = Instant::now();
        wait_until(SOON, async || world.database.outbox().await.is_empty()).await;
        let took = committed.elapsed();
        assert!(took < Duration::from_millis(600), "{took:?}");
    }
    stop.cancel();
    relaying.await.unwrap();
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

async fn is_listening(conn: &mut AsyncPgConnection) -> bool {
    let listeners = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN outbox_events' \
                     AND state = 'idle'";
    sql_query(listeners).execute(conn).await.unwrap() == 1
}
