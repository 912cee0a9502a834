//! Our calendars, as channels read them.

use reqwest::Method;
use serde_json::json;
use time::Duration;

use crate::house::{House, day};

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_reads_our_stays_and_others_but_not_its_own() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.feed(lodging, "vrbo").await;
    house.book(lodging, day(5), day(7)).await;
    house.stay("airbnb", day(10), day(12)).await;
    house.stay("vrbo", day(20), day(22)).await;
    house.sync().await;
    let file = house.read(&house.export(lodging, "airbnb").await).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let starts: Vec<&str> = file
        .text
        .lines()
        .filter(|line| line.starts_with("DTSTART"))
        .collect();
    assert_eq!(
        starts,
        ["DTSTART;VALUE=DATE:20261106", "DTSTART;VALUE=DATE:20261121"]
    );
    for secret in ["Ana", "airbnb", "vrbo"] {
        assert!(!file.text.contains(secret), "{}", file.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_calendar_is_the_same_bytes_and_304() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.book(lodging, day(5), day(7)).await;
    let url = house.export(lodging, "airbnb").await;
    let first = house.read(&url).await;
    house.pass(Duration::hours(3)).await;
    testkit::wait_until(crate::house::SOON, async || {
        house.read(&url).await.text == first.text
    })
    .await;
    let tag = first.headers["etag"].to_str().unwrap();
    let date = first.headers["last-modified"].to_str().unwrap();
    assert_eq!(house.read_with(&url, "if-none-match", tag).await.status, 304);
    assert_eq!(
        house.read_with(&url, "if-none-match", "\"other\"").await.status,
        200
    );
    let unchanged = house.read_with(&url, "if-modified-since", date).await;
    assert_eq!((unchanged.status, unchanged.text.len()), (304, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_that_is_called_off_moves_last_modified() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.book(lodging, day(5), day(7)).await;
    let second = house.book(lodging, day(15), day(17)).await;
    let url = house.export(lodging, "airbnb").await;
    let date = house.read(&url).await.headers["last-modified"].clone();
    house.pass(Duration::minutes(5)).await;
    house.call_off(lodging, second).await;
    let since = date.to_str().unwrap();
    assert_eq!(
        house.read_with(&url, "if-modified-since", since).await.status,
        200
    );
    let after = house.read(&url).await;
    assert_eq!(after.headers["last-modified"], "Sun, 01 Nov 2026 12:05:00 GMT");
    assert_eq!(after.text.matches("BEGIN:VEVENT").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_released_moves_last_modified() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "vrbo").await;
    let key = house.stay("vrbo", day(5), day(7)).await;
    house.stay("vrbo", day(20), day(27)).await;
    house.sync().await;
    let url = house.export(lodging, "airbnb").await;
    house.read(&url).await;
    house.pass(Duration::minutes(5)).await;
    house.end_stay("vrbo", &key).await;
    house.sync().await;
    let after = house.read(&url).await;
    assert_eq!(after.headers["last-modified"], "Sun, 01 Nov 2026 12:05:00 GMT");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_one_per_channel_rotated_and_revoked_at_once() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    let old = house.export(lodging, "airbnb").await;
    let path = format!("/admin/accommodations/{lodging}/export-tokens");
    let again = house.post(&path, json!({ "channel": "airbnb" })).await;
    assert_eq!(again.body["code"], "token_known");
    let id = house.get(&path).await.body["items"][0]["id"].clone();
    assert_eq!(house.read(&old).await.status, 200);

    let rotated = house
        .post(&format!("/admin/export-tokens/{id}/rotate"), json!({}))
        .await;
    let (_, new) = rotated.body["url"]
        .as_str()
        .unwrap()
        .split_once("/api/v1")
        .unwrap();
    let new = format!("{}{new}", house.front.url);
    assert_eq!(house.read(&old).await.status, 404);
    assert_eq!(house.read(&new).await.status, 200);
    assert_eq!(
        house
            .read(&new.replace(&format!("/{lodging}/"), "/99/"))
            .await
            .status,
        404
    );
    let read_at = &house.get(&path).await.body["items"][0]["last_read_at"];
    assert_eq!(read_at, "2026-11-01T12:00:00Z");

    let id = &rotated.body["id"];
    let revoke = format!("/admin/export-tokens/{id}/revoke");
    assert_eq!(house.post(&revoke, json!({})).await.status, 204);
    assert_eq!(house.read(&new).await.status, 404);
    assert_eq!(
        house
            .call(&house.replica, Method::POST, &revoke, None)
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_readers_does_not_reach_the_database() {
    let house = House::set(&[("ICAL_EXPORT_MILLISECONDS", "60000")]).await;
    let lodging = house.lodging().await;
    let url = house.export(lodging, "airbnb").await;
    let first = house.read(&url).await;
    house.book(lodging, day(5), day(7)).await;
    let readers = (0..100).map(|_| house.read(&url));
    for file in futures_util::future::join_all(readers).await {
        assert_eq!(file.text, first.text, "the database was looked at");
    }
}
