//! Several replicas, rechecks before a sale, and what a crash leaves.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;
use time::Duration;

use crate::house::{House, SOON, day};

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_the_feeds_and_read_each_once() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    for number in 0..30 {
        house.feed(lodging, &format!("airbnb-{number}")).await;
    }
    let other = house.another_replica().await;
    let third = house.another_replica().await;
    let before = house.fetches("airbnb-0").await;
    house.pass(Duration::minutes(30)).await;
    // Everything is due; three replicas look at once.
    let nudge = |replica| house.call(replica, Method::POST, "/admin/feeds/1/sync", None);
    tokio::join!(nudge(&house.replica), nudge(&other), nudge(&third));
    house.quiet().await;
    for number in 1..30 {
        assert_eq!(
            house.fetches(&format!("airbnb-{number}")).await - before,
            1,
            "{number}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_whose_reader_died_is_read_by_another() {
    let mut house = House::set(&[("ICAL_FETCH_SECONDS", "20")]).await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(3), day(4)).await;
    house
        .script("airbnb", json!([{ "kind": "hang", "times": 1 }]))
        .await;
    let fetched = house.fetches("airbnb").await;
    house.post("/admin/feeds/sync", json!({})).await;
    let taken =
        "SELECT count(*) AS number FROM ical_feeds WHERE next_fetch_at = last_attempt_at + interval '150 s'";
    testkit::wait_until(SOON, async || house.number(taken).await == 1).await;
    testkit::wait_until(SOON, async || fetched < house.fetches("airbnb").await).await;
    let other = house.another_replica().await;
    std::mem::replace(&mut house.replica, other).crash();
    assert!(house.closed(lodging).await.is_empty());
    house.pass(Duration::minutes(3)).await;
    testkit::wait_until(SOON, async || house.closed(lodging).await.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_sale_outdated_feeds_are_read_again() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let elsewhere = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.feed(elsewhere, "vrbo").await;
    house.stay("airbnb", day(3), day(4)).await;
    let path = format!("/accommodations/{lodging}/feeds/recheck");
    let recheck = || house.post(&path, json!({ "within_ms": 3000 }));

    let recent = recheck().await;
    let fresh = json!({ "feeds": 1, "outdated": 0, "good_for_ms": 60_000 });
    assert_eq!(recent.body, fresh);
    assert!(house.closed(lodging).await.is_empty(), "it was read a moment ago");

    house.pass(Duration::minutes(6)).await;
    let (first, second) = tokio::join!(recheck(), recheck());
    assert_eq!(first.body, fresh, "{}", first.text);
    assert_eq!(second.body, first.body);
    assert_eq!(house.closed(lodging).await, [day(3)].into());
    assert_eq!(house.fetches("vrbo").await, 2);
    assert_eq!(
        house
            .post("/accommodations/99/feeds/recheck", json!({ "within_ms": 1 }))
            .await
            .body,
        json!({ "feeds": 0, "outdated": 0, "good_for_ms": 60_000 })
    );

    house.pass(Duration::seconds(270)).await;
    assert_eq!(recheck().await.body["good_for_ms"], 30_000, "it is outdated then");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_ends_in_time_holds_no_lock_and_the_reading_goes_on() {
    let house = House::set(&[("ICAL_FETCH_SECONDS", "20")]).await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(3), day(4)).await;
    house
        .script(
            "airbnb",
            json!([{ "kind": "slow", "bytes": 100, "every_ms": 300, "times": 1 }]),
        )
        .await;
    house.pass(Duration::minutes(6)).await;
    let began = Instant::now();
    let path = format!("/accommodations/{lodging}/feeds/recheck");
    let (late, booked) = tokio::join!(
        house.post(&path, json!({ "within_ms": 300 })),
        house.try_to_book(lodging, day(10), day(11))
    );
    assert_eq!(
        late.body,
        json!({ "feeds": 1, "outdated": 1, "good_for_ms": 5_000 })
    );
    assert!(began.elapsed().as_millis() < 1_500, "{:?}", began.elapsed());
    assert!(booked.is_some());
    testkit::wait_until(SOON, async || house.closed(lodging).await.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_leaves_a_channel_alone_that_asked_for_a_pause() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let busy = json!([{ "kind": "status", "status": 503, "headers": { "Retry-After": "3600" }, "times": 1 }]);
    house.script("airbnb", busy).await;
    house.pass(Duration::minutes(20)).await;
    house.sync().await;
    let before = house.fetches("airbnb").await;
    let path = format!("/accommodations/{lodging}/feeds/recheck");
    let answer = house.post(&path, json!({ "within_ms": 2000 })).await;
    assert_eq!(
        answer.body,
        json!({ "feeds": 1, "outdated": 1, "good_for_ms": 5_000 })
    );
    assert_eq!(house.fetches("airbnb").await, before);
}
