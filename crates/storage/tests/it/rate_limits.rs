use std::time::{Duration, Instant};

use deadpool_redis::redis::cmd;
use secrecy::SecretString;
use storage::{rate_limits, redis::Redis};
use testkit::{Proxy, TestRedis, proxy::Fault, wait_until};

use crate::world::SOON;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_at_once_are_counted_one_by_one() {
    let store = TestRedis::create().await;
    let mut calls = tokio::task::JoinSet::new();
    let redis = store.redis();
    for _call in 0..100 {
        let redis = redis.clone();
        calls.spawn(async move {
            // The pool is small and its patience short: who finds it full asks again, like the next request.
            loop {
                if let Ok(counted) = rate_limits::count(&redis, "p", "k", MINUTE, 1).await {
                    return counted;
                }
            }
        });
    }
    let mut counted: Vec<u64> = calls
        .join_all()
        .await
        .into_iter()
        .map(|counted| counted.calls)
        .collect();
    counted.sort_unstable();
    assert_eq!(counted, (1..=100).collect::<Vec<u64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_policy_and_key_counts_for_itself_and_a_call_can_be_taken_back() {
    let store = TestRedis::create().await;
    let redis = store.redis();
    let count = async |policy: &str, key: &str| {
        let counted = rate_limits::count(&redis, policy, key, MINUTE, 1).await.unwrap();
        assert!(counted.resets_in <= MINUTE, "{counted:?}");
        counted.calls
    };
    assert_eq!((count("p", "k").await, count("p", "k").await), (1, 2));
    assert_eq!((count("p", "other").await, count("other", "k").await), (1, 1));
    rate_limits::take_back(&redis, "p", "k").await.unwrap();
    assert_eq!(count("p", "k").await, 2);
    rate_limits::take_back(&redis, "p", "never").await.unwrap();
    assert_eq!(count("p", "never").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_ends_and_the_count_starts_anew() {
    let store = TestRedis::create().await;
    let redis = store.redis();
    let window = Duration::from_millis(50);
    assert_eq!(
        rate_limits::count(&redis, "p", "k", window, 1)
            .await
            .unwrap()
            .calls,
        1
    );
    wait_until(SOON, async || {
        let counted = rate_limits::count(&redis, "p", "k", window, 1).await.unwrap();
        counted.calls == 1
    })
    .await;
}

/// A count that lost its end would shut a caller out for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_count_without_an_end_gets_one() {
    let store = TestRedis::create().await;
    let redis = store.redis();
    let mut conn = redis.get().await.unwrap();
    cmd("SET")
        .arg("rate:p:k")
        .arg(7)
        .exec_async(&mut conn)
        .await
        .unwrap();
    let counted = rate_limits::count(&redis, "p", "k", MINUTE, 1).await.unwrap();
    assert_eq!(counted.calls, 8);
    let left: i64 = cmd("PTTL").arg("rate:p:k").query_async(&mut conn).await.unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_callers_hear_so_at_once_and_go_on_when_it_is_back() {
    let store = TestRedis::create().await;
    let (proxy, url) = Proxy::before(store.url()).await;
    let redis = Redis::new(&SecretString::from(url.as_str())).unwrap();
    rate_limits::count(&redis, "p", "k", MINUTE, 1).await.unwrap();
    for fault in [Fault::Stall, Fault::Refuse] {
        proxy.set(fault);
        let asked = Instant::now();
        assert!(rate_limits::count(&redis, "p", "k", MINUTE, 1).await.is_err());
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        assert!(redis.ping().await.is_err());
    }
    proxy.set(Fault::None);
    wait_until(SOON, async || {
        rate_limits::count(&redis, "p", "k", MINUTE, 1).await.is_ok()
    })
    .await;
}
