//! When a feed is believed, and when it is not.

use serde_json::{Value, json};
use time::Duration;

use crate::house::{House, day};

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_not_an_empty_calendar() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    let outages: [(Value, &str); 9] = [
        (json!({ "kind": "status", "status": 500 }), "answered 500"),
        (json!({ "kind": "status", "status": 403 }), "answered 403"),
        (json!({ "kind": "status", "status": 404 }), "answered 404"),
        (json!({ "kind": "html" }), "a web page, not a calendar"),
        (json!({ "kind": "empty" }), "empty body"),
        (json!({ "kind": "truncated" }), "cut inside an event"),
        (
            json!({ "kind": "raw", "body": "BEGIN:VCALENDAR\r\n" }),
            "no END:VCALENDAR",
        ),
        (json!({ "kind": "close" }), "no connection"),
        (json!({ "kind": "huge", "mebibytes": 6 }), "larger than the limit"),
    ];
    for (outage, reason) in outages {
        house.script("airbnb", json!([outage])).await;
        house.sync().await;
        let shown = house.feed_state(feed).await;
        assert_eq!(shown["state"], "failing", "{outage}");
        assert!(
            shown["reason"].as_str().unwrap().contains(reason),
            "{outage}: {shown}"
        );
        assert_eq!(house.closed(lodging).await.len(), 2, "{outage}");
        house.end_script("airbnb").await;
        house.sync().await;
        assert_eq!(house.feed_state(feed).await["state"], "fresh", "{outage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_fails_for_long_is_stale_and_says_since_when_and_why() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.sync().await;
    house
        .script("airbnb", json!([{ "kind": "status", "status": 403 }]))
        .await;
    house.pass(Duration::minutes(41)).await;
    house.sync().await;
    let shown = house.feed_state(feed).await;
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&json!("stale"), &json!("answered 403"))
    );
    assert_eq!(shown["since"], "2026-11-01T12:41:00Z");
    assert_eq!(shown["age_minutes"], 41);
    let health = house.probe("/healthz").await;
    assert_eq!(health.body["status"], "degraded", "{}", health.text);
    assert!(
        health
            .text
            .contains("ical airbnb/Cabaña del Bosque age 41m > 40m")
    );
    let told = async |name: &str| house.database.outbox().await.iter().any(|event| event == name);
    assert!(told("calendar.feed_stale.v1").await);
    house.end_script("airbnb").await;
    house.sync().await;
    assert_eq!(house.feed_state(feed).await["reason"], Value::Null);
    assert!(told("calendar.feed_recovered.v1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_nobody_reads_is_stale_by_itself() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    // As if every replica were dead.
    let held =
        "UPDATE ical_feeds SET next_fetch_at = next_fetch_at + interval '1 day' RETURNING id AS number";
    house.number(held).await;
    house.pass(Duration::minutes(50)).await;
    let shown = house.feed_state(feed).await;
    assert_eq!(
        (&shown["state"], &shown["since"]),
        (&json!("stale"), &json!("2026-11-01T12:40:00Z"))
    );
    let metrics = house.probe("/metrics").await.text;
    let age = format!(r#"accommodation_id="{lodging}""#);
    let line = metrics
        .lines()
        .find(|line| line.starts_with("ical_last_sync_age_minutes{") && line.contains(&age));
    assert!(line.unwrap().ends_with(" 50"), "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn suspicious_emptiness_is_held_until_three_fetches_over_two_hours_agree() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    house.end_stay("airbnb", &key).await;

    house.sync().await;
    let shown = house.feed_state(feed).await;
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&json!("held"), &json!("emptied"))
    );
    for _ in 0..3 {
        house.pass(Duration::minutes(30)).await;
        house.sync().await;
        assert_eq!(house.closed(lodging).await.len(), 2);
    }
    house.pass(Duration::minutes(30)).await;
    house.sync().await;
    assert!(house.closed(lodging).await.is_empty());
    assert_eq!(house.feed_state(feed).await["state"], "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_in_the_middle_of_a_hold_does_not_end_it() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    house.end_stay("airbnb", &key).await;
    house.sync().await;
    house
        .script("airbnb", json!([{ "kind": "status", "status": 500, "times": 1 }]))
        .await;
    house.sync().await;
    assert_eq!(house.feed_state(feed).await["state"], "failing");
    house.sync().await;
    assert_eq!(house.feed_state(feed).await["state"], "held");
    assert_eq!(house.closed(lodging).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_feed_is_released_by_a_person() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    let path = format!("/admin/feeds/{feed}/release");
    assert_eq!(house.post(&path, json!({})).await.body["code"], "feed_not_held");
    assert_eq!(house.post("/admin/feeds/99/release", json!({})).await.status, 404);

    house.end_stay("airbnb", &key).await;
    house.sync().await;
    assert_eq!(house.post(&path, json!({})).await.status, 202);
    house.quiet().await;
    assert!(house.closed(lodging).await.is_empty());
    assert_eq!(house.feed_state(feed).await["state"], "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_of_what_was_shown_and_of_nothing_else() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let mut keys = Vec::new();
    for week in 1..=4 {
        keys.push(house.stay("airbnb", day(7 * week), day(7 * week + 2)).await);
    }
    house.sync().await;
    for key in &keys[..3] {
        house.end_stay("airbnb", key).await;
    }
    house.sync().await;
    assert_eq!(house.feed_state(feed).await["reason"], "most_nights_gone");
    // The last one goes as well before the release takes hold.
    house.end_stay("airbnb", &keys[3]).await;
    house
        .post(&format!("/admin/feeds/{feed}/release"), json!({}))
        .await;
    house.quiet().await;
    assert_eq!(house.feed_state(feed).await["state"], "held");
    assert_eq!(house.closed(lodging).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_feed_closes_nights_all_the_same() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let mut keys = Vec::new();
    for week in 1..=3 {
        keys.push(house.stay("airbnb", day(7 * week), day(7 * week + 2)).await);
    }
    house.sync().await;
    for key in keys {
        house.end_stay("airbnb", &key).await;
    }
    house.stay("airbnb", day(40), day(41)).await;
    house.sync().await;
    assert_eq!(house.closed(lodging).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pause_that_a_channel_asks_for_is_kept_and_others_grow() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    let minutes_to_next = async || {
        let next = house.feed_state(feed).await["next_fetch_at"]
            .as_str()
            .unwrap()
            .to_owned();
        let format = &time::format_description::well_known::Rfc3339;
        let next = time::OffsetDateTime::parse(&next, format).unwrap();
        (next - house.clock.now()).whole_seconds()
    };
    house
        .script("airbnb", json!([{ "kind": "status", "status": 500, "times": 3 }]))
        .await;
    for expected in [54..=66, 108..=132, 216..=264] {
        house.sync().await;
        let seconds = minutes_to_next().await;
        assert!(expected.contains(&seconds), "{seconds}");
    }
    let busy =
        json!([{ "kind": "status", "status": 429, "headers": { "Retry-After": "14400" }, "times": 1 }]);
    house.script("airbnb", busy).await;
    house.sync().await;
    assert_eq!(minutes_to_next().await, 14_400);
    // What it asks for goes for all its calendars, also when somebody presses the button.
    let before = house.fetches("airbnb").await;
    house.sync().await;
    assert_eq!(house.fetches("airbnb").await, before);
    house.pass(Duration::hours(4)).await;
    house.sync().await;
    assert_eq!(house.feed_state(feed).await["state"], "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_says_for_how_long_a_night_can_be_sold_twice() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let feed = house.feed(lodging, "airbnb").await;
    house.pass(Duration::minutes(7)).await;
    let shown = house.feed_state(feed).await;
    assert_eq!(shown["exposure_minutes"], 7 + 180);
    assert_eq!(shown["reads_ours"], false);

    let export = house.export(lodging, "airbnb").await;
    house.read(&export).await;
    house.pass(Duration::minutes(240)).await;
    let shown = house.feed_state(feed).await;
    assert_eq!(shown["reads_ours"], true);
    assert_eq!(shown["read_ours_at"], "2026-11-01T12:07:00Z");
    // It is an hour longer away than it usually is.
    assert_eq!(shown["exposure_minutes"], 247 + 240);
    let metrics = house.probe("/metrics").await.text;
    let line = metrics
        .lines()
        .find(|line| line.starts_with("ical_exposure_minutes{"));
    assert!(line.unwrap().ends_with(" 487"), "{line:?}");
    let health = house.probe("/healthz").await;
    assert_eq!(
        health.body["checks"]["ical_sync"]["exposure_minutes"], 487,
        "{}",
        health.text
    );
}
