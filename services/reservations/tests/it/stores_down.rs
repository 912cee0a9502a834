//! Stores that are away, slow, or forget.

use std::time::{Duration, Instant};

use deadpool_redis::redis::cmd;
use futures_util::future::join_all;
use testkit::proxy::Fault;
use testkit::{Proxy, wait_until};

use crate::desk::Held;
use crate::house::{Addresses, House, SOON, wish};

/// A caller hears "down" within a second; the bound allows for a busy machine.
const AT_ONCE: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_nights_are_sold_all_the_same_and_once() {
    for fault in [Fault::Refuse, Fault::Stall] {
        let house = House::new().await;
        let (proxy, redis) = Proxy::before(house.redis.url()).await;
        let addresses = Addresses {
            redis,
            ..house.addresses()
        };
        let desk = house.open_at(&addresses, &[]).await;
        let lodging = desk.lodging().await;
        desk.held(lodging, "2026-04-01", "2026-04-02").await;
        proxy.set(fault);

        let wishes: Vec<_> = (0..20)
            .map(|_| wish(lodging, "2026-04-06", "2026-04-09"))
            .collect();
        let answers = join_all(wishes.iter().map(|wish| desk.hold(wish))).await;
        let with = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((with(201), with(409)), (1, 19), "{fault:?}");
        let held = Held::of(answers.iter().find(|answer| answer.status == 201).unwrap());
        assert_eq!(desk.cancel(&held).await.status, 200);
        desk.held(lodging, "2026-04-07", "2026-04-08").await;
        let health = desk.probe("/healthz").await;
        assert_eq!(health.body["status"], "degraded", "{}", health.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgets_in_the_middle_of_a_sale_loses_nothing() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let flushing = async {
        let redis = house.redis.redis();
        for _ in 0..40 {
            let mut conn = redis.get().await.unwrap();
            cmd("FLUSHDB").exec_async(&mut conn).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let wishes: Vec<_> = (0..40)
        .map(|_| wish(lodging, "2026-04-06", "2026-04-09"))
        .collect();
    let (answers, ()) = tokio::join!(join_all(wishes.iter().map(|wish| desk.hold(wish))), flushing);
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(201), with(409)), (1, 39));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_a_crash_left_behind_refuses_nobody() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let key = format!("lock:acc:{lodging}:2026-04-06:2026-04-09");
    set(&house, &key, "RES260301222222").await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    assert_eq!(value(&house, &key).await, Some(held.code));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_leaves_a_lock_in_redis_that_only_its_own_end_deletes() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let key = format!("lock:acc:{lodging}:2026-04-06:2026-04-09");
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    assert_eq!(value(&house, &key).await, Some(held.code.clone()));
    let mut conn = house.redis.redis().get().await.unwrap();
    let life: i64 = cmd("TTL").arg(&key).query_async(&mut conn).await.unwrap();
    assert!((1_700..=1_800).contains(&life), "{life}");

    let refused = desk.hold(&wish(lodging, "2026-04-06", "2026-04-09")).await;
    assert_eq!(refused.status, 409);
    assert_eq!(value(&house, &key).await, Some(held.code.clone()));
    set(&house, &key, "RES260301222222").await;
    desk.cancel(&held).await;
    assert_eq!(value(&house, &key).await.as_deref(), Some("RES260301222222"));

    set(&house, &key, "RES260301222222").await;
    let next = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    desk.cancel(&next).await;
    assert_eq!(value(&house, &key).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgresql_a_guest_hears_so_at_once_and_nothing_is_lost() {
    let house = House::new().await;
    let (proxy, database) = Proxy::before(house.database.url()).await;
    let addresses = Addresses {
        database,
        ..house.addresses()
    };
    let desk = house.open_at(&addresses, &[]).await;
    let lodging = desk.lodging().await;
    let before = desk.held(lodging, "2026-04-01", "2026-04-02").await;

    proxy.set(Fault::Refuse);
    let late = wish(lodging, "2026-04-06", "2026-04-09");
    for _ in 0..5 {
        let asked = Instant::now();
        let answer = desk.hold_with_key(&late, "k").await;
        assert_eq!(answer.refusal(), (503, "temporarily_unavailable", ""));
        assert_eq!(answer.header("retry-after"), "2");
        assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
    }
    let health = desk.probe("/healthz").await;
    assert_eq!(
        (health.status, &health.body["status"]),
        (503, &"unhealthy".into())
    );

    proxy.set(Fault::None);
    wait_until(SOON, async || desk.show(&before).await.status == 200).await;
    assert_eq!(desk.hold_with_key(&late, "k").await.status, 201);
    assert_eq!(house.number("SELECT count(*) FROM reservations").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_in_the_middle_of_holds_neither_lose_nor_double_one() {
    let house = House::new().await;
    let (proxy, database) = Proxy::before(house.database.url()).await;
    let addresses = Addresses {
        database,
        ..house.addresses()
    };
    let desk = house.open_at(&addresses, &[]).await;
    let mut wishes = Vec::new();
    for _ in 0..40 {
        wishes.push(wish(desk.lodging().await, "2026-04-06", "2026-04-09"));
    }
    let cutting = async {
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(7)).await;
            proxy.cut();
        }
    };
    let holding = join_all(wishes.iter().enumerate().map(async |(guest, wish)| {
        let answer = desk.hold_with_key(wish, &guest.to_string()).await;
        assert!([201, 503].contains(&answer.status), "{}", answer.text);
        answer.status
    }));
    let (statuses, ()) = tokio::join!(holding, cutting);
    // Whoever was not answered asks again with the same key.
    for (guest, wish) in wishes.iter().enumerate() {
        wait_until(SOON, async || {
            desk.hold_with_key(wish, &guest.to_string()).await.status == 201
        })
        .await;
    }
    assert!(statuses.contains(&503), "nothing was cut");
    assert_eq!(house.number("SELECT count(*) FROM reservations").await, 40);
    assert_eq!(house.database.outbox().await.len(), 40);
    assert_eq!(
        house.number("SELECT count(*) FROM reservation_timeline").await,
        40
    );
}

async fn value(house: &House, key: &str) -> Option<String> {
    let mut conn = house.redis.redis().get().await.unwrap();
    cmd("GET").arg(key).query_async(&mut conn).await.unwrap()
}

async fn set(house: &House, key: &str, value: &str) {
    let mut conn = house.redis.redis().get().await.unwrap();
    cmd("SET")
        .arg(key)
        .arg(value)
        .exec_async(&mut conn)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_for_others_is_asked_to_come_again() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let others = house
        .database
        .locked("SELECT FROM accommodations FOR UPDATE")
        .await;
    let another = wish(lodging, "2026-04-12", "2026-04-13");
    let (booking, confirmation, cancellation) = tokio::join!(
        desk.hold(&another),
        desk.confirm_by_hand(&held.code),
        desk.cancel(&held)
    );
    for answer in [booking, confirmation, cancellation] {
        assert_eq!(answer.refusal(), (503, "temporarily_unavailable", ""));
        assert_eq!(answer.header("retry-after"), "2");
    }
    drop(others);
    assert_eq!(desk.hold(&another).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metrics_tell_how_busy_the_connections_are() {
    let house = House::new().await;
    let desk = house.open_with(&[("DATABASE_CONNECTIONS", "2")]).await;
    let lodging = desk.lodging().await;
    let are = async |figures: &[&str]| {
        let page = desk.probe("/metrics").await.text;
        figures
            .iter()
            .all(|figure| page.lines().any(|line| line == *figure))
    };
    wait_until(SOON, async || are(&["db_pool_max 2", "db_pool_waiting 0"]).await).await;

    let others = house
        .database
        .locked("SELECT FROM accommodations FOR UPDATE")
        .await;
    let wishes = [
        wish(lodging, "2026-04-06", "2026-04-09"),
        wish(lodging, "2026-04-12", "2026-04-13"),
    ];
    let busy = wait_until(SOON, async || are(&["db_pool_open 2", "db_pool_idle 0"]).await);
    tokio::join!(desk.hold(&wishes[0]), desk.hold(&wishes[1]), busy);
    drop(others);
    wait_until(SOON, async || are(&["db_pool_open 2", "db_pool_idle 2"]).await).await;
}
