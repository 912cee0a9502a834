//! What a feed says becomes blocks.

use diesel_async::SimpleAsyncConnection as _;
use domain::accommodation::AccommodationId;
use storage::accommodations;
use testkit::wait_until;
use time::Duration;

use crate::house::{House, SOON, day, nights};

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_whose_guest_changes_the_dates_moves_in_place() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    let before = house.blocks(lodging).await;
    house.move_stay("airbnb", &key, day(11), day(14)).await;
    house.sync().await;
    let after = house.blocks(lodging).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, before[0].id);
    assert_eq!((after[0].starts_on, after[0].ends_on), (day(11), day(14)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_longer_listed_frees_what_nothing_else_closes() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.feed(lodging, "booking").await;
    let key = house.stay("airbnb", day(10), day(13)).await;
    house.stay("airbnb", day(20), day(25)).await;
    house.stay("booking", day(12), day(14)).await;
    house.sync().await;
    house.end_stay("airbnb", &key).await;
    house.sync().await;
    let left = nights(day(12), day(14)).chain(nights(day(20), day(25)));
    assert_eq!(house.closed(lodging).await, left.collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_gone_by_are_history() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    let key = house.stay("airbnb", day(1), day(4)).await;
    house.stay("airbnb", day(10), day(14)).await;
    house.sync().await;
    house.pass(Duration::days(2)).await;
    house.end_stay("airbnb", &key).await;
    // A stay of the past that comes late changes nothing.
    house.stay("airbnb", day(-3), day(0)).await;
    house.sync().await;
    let left = nights(day(1), day(2)).chain(nights(day(10), day(14)));
    assert_eq!(house.closed(lodging).await, left.collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_back_is_the_block_that_it_was() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(20), day(25)).await;
    house.sync().await;
    let url = house.channel_url("airbnb");
    let whole = house.read(&url).await.text;
    let with_another = whole.replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:lost@airbnb.com\r\nDTSTART;VALUE=DATE:20261110\r\nDTEND;VALUE=DATE:20261112\r\n\
         SUMMARY:Reserved\r\nEND:VEVENT\r\nEND:VCALENDAR",
    );
    let body = |text: &str| serde_json::json!([{ "kind": "raw", "body": text, "times": 1 }]);
    let mut ids = Vec::new();
    for text in [&with_another, &whole, &with_another] {
        house.script("airbnb", body(text)).await;
        house.pass(Duration::minutes(1)).await;
        house.sync().await;
        ids.push(
            house
                .blocks(lodging)
                .await
                .iter()
                .map(|block| block.id)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(ids[1].len(), 1);
    assert_eq!(ids[0], ids[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_while_the_lodging_is_booked() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(10), day(12)).await;
    let mut conn = house.database.conn().await;
    conn.batch_execute("BEGIN").await.unwrap();
    accommodations::lock(&conn, AccommodationId(lodging))
        .await
        .unwrap();
    house.post("/admin/feeds/sync", serde_json::json!({})).await;
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock' AND application_name = 'ical-sync'";
    // One statement gives up after a while; the import asks again.
    let began = "SELECT coalesce(max(extract(microseconds FROM query_start)::bigint), 0) AS number FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'ical-sync'";
    wait_until(SOON, async || house.number(waiting).await == 1).await;
    let first = house.number(began).await;
    wait_until(SOON, async || ![0, first].contains(&house.number(began).await)).await;
    assert!(house.blocks(lodging).await.is_empty());
    conn.batch_execute("COMMIT").await.unwrap();
    house.quiet().await;
    assert_eq!(house.closed(lodging).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_feed_writes_no_block_and_a_new_day_reads_it_again() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.stay("airbnb", day(10), day(12)).await;
    house.sync().await;
    let parsed = "SELECT extract(epoch FROM max(parsed_at))::bigint AS number FROM ical_feeds";
    let first = house.number(parsed).await;
    house.pass(Duration::hours(1)).await;
    house.sync().await;
    assert_eq!(house.number(parsed).await, first);
    house.pass(Duration::hours(12)).await;
    house.sync().await;
    assert!(first < house.number(parsed).await);
}
