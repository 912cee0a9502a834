//! Our own nights, come back from channels that import what we publish.

use serde_json::{Value, json};
use time::Duration;

use crate::house::{House, day, nights};

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_closes_only_while_our_stay_does() {
    let house = House::with_broker().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "booking").await;
    let export = house.export(lodging, "booking").await;
    house.echo("booking", &[export]).await;
    let ours = house.book(lodging, day(10), day(13)).await;
    house.pass(Duration::minutes(15)).await;
    house.sync().await;
    let blocks = house.blocks(lodging).await;
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].echo_of, Some(ours));
    assert_eq!(house.conflicts().await, Vec::<Value>::new());

    // Booking.com has not read us again, and its feed still lists the echo.
    house.call_off(lodging, ours).await;
    house.events_are_heard().await;
    assert!(house.closed(lodging).await.is_empty());
    assert!(house.try_to_book(lodging, day(10), day(13)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_under_our_own_uids_are_ignored() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "google").await;
    let export = house.export(lodging, "google").await;
    house.echo("google", &[export]).await;
    house.book(lodging, day(10), day(13)).await;
    house.sync().await;
    assert!(house.blocks(lodging).await.is_empty());
}

/// Each channel imports what we publish for it and re-exports it; so three of them also hear each other, through us.
async fn ring(house: &House, lodging: i64) {
    for channel in ["airbnb", "booking", "vrbo"] {
        house.feed(lodging, channel).await;
        let export = house.export(lodging, channel).await;
        house.echo(channel, &[export]).await;
    }
}

async fn rounds(house: &House, count: usize) {
    for _ in 0..count {
        house.pass(Duration::minutes(50)).await;
        house.sync().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_of_three_channels_lets_go_of_our_stay() {
    let house = House::with_broker().await;
    let lodging = house.lodging().await;
    ring(&house, lodging).await;
    let ours = house.book(lodging, day(10), day(13)).await;
    rounds(&house, 3).await;
    assert_eq!(house.closed(lodging).await, nights(day(10), day(13)).collect());
    assert_eq!(house.conflicts().await, Vec::<Value>::new());
    house.call_off(lodging, ours).await;
    house.events_are_heard().await;
    rounds(&house, 4).await;
    assert!(
        house.blocks(lodging).await.is_empty(),
        "{:?}",
        house.blocks(lodging).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_of_three_channels_lets_go_of_a_stay_of_one_of_them() {
    let house = House::with_broker().await;
    let lodging = house.lodging().await;
    ring(&house, lodging).await;
    house.stay("airbnb", day(30), day(37)).await;
    let key = house.stay("airbnb", day(10), day(13)).await;
    rounds(&house, 3).await;
    let both = nights(day(10), day(13)).chain(nights(day(30), day(37)));
    assert_eq!(house.closed(lodging).await, both.collect());
    house.end_stay("airbnb", &key).await;
    rounds(&house, 4).await;
    assert_eq!(house.closed(lodging).await, nights(day(30), day(37)).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_that_tell_each_other_behind_our_back_let_go_whoever_we_hear_first() {
    for first in ["airbnb", "vrbo"] {
        let house = House::with_broker().await;
        let lodging = house.lodging().await;
        let mut feeds = Vec::new();
        for channel in ["airbnb", "booking", "vrbo"] {
            feeds.push((channel, house.feed(lodging, channel).await));
        }
        // Us to Airbnb, Airbnb to Booking.com, Booking.com to Vrbo, Vrbo to us.
        house
            .echo("airbnb", &[house.export(lodging, "airbnb").await])
            .await;
        house.echo("booking", &[house.channel_url("airbnb")]).await;
        house.echo("vrbo", &[house.channel_url("booking")]).await;
        house.stay("airbnb", day(30), day(37)).await;
        let key = house.stay("airbnb", day(10), day(13)).await;
        for (channel, feed) in &feeds {
            if *channel != first {
                house.post(&format!("/admin/feeds/{feed}/pause"), json!({})).await;
            }
        }
        house.read(&house.channel_url("vrbo")).await;
        rounds(&house, 1).await;
        for (_, feed) in &feeds {
            house
                .post(&format!("/admin/feeds/{feed}/resume"), json!({}))
                .await;
        }
        rounds(&house, 3).await;
        let both = nights(day(10), day(13)).chain(nights(day(30), day(37)));
        assert_eq!(house.closed(lodging).await, both.collect(), "{first} first");
        house.end_stay("airbnb", &key).await;
        rounds(&house, 6).await;
        assert_eq!(
            house.closed(lodging).await,
            nights(day(30), day(37)).collect(),
            "{first} first: {:?}",
            house.blocks(lodging).await
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_lists_long_after_the_stay_that_it_seemed_to_echo_is_its_own() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.feed(lodging, "booking").await;
    let key = house.stay("airbnb", day(10), day(13)).await;
    house.stay("airbnb", day(30), day(37)).await;
    house.sync().await;
    house.pass(Duration::minutes(1)).await;
    house.stay("booking", day(10), day(13)).await;
    house.sync().await;
    house.pass(Duration::minutes(1)).await;
    house.end_stay("airbnb", &key).await;
    house.sync().await;
    let ten = async || {
        let blocks = house.blocks(lodging).await;
        blocks
            .into_iter()
            .find(|block| block.starts_on == day(10))
            .unwrap()
    };
    assert!(ten().await.echo_of.is_some());
    house.pass(Duration::hours(25)).await;
    house.sync().await;
    assert_eq!(ten().await.echo_of, None);
    let export = house.read(&house.export(lodging, "airbnb").await).await.text;
    assert!(export.contains("DTSTART;VALUE=DATE:20261111"), "{export}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_channels_do_not_keep_a_night_closed_for_each_other() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    for channel in ["airbnb", "vrbo"] {
        house.feed(lodging, channel).await;
        let export = house.export(lodging, channel).await;
        house.echo(channel, &[export]).await;
    }
    // Both have a copy of something that is gone, and that we never saw.
    let copies = [
        house.entry("airbnb", day(10), day(13), "block").await,
        house.entry("vrbo", day(10), day(13), "block").await,
    ];
    house.sync().await;
    rounds(&house, 1).await;
    house.end_stay("airbnb", &copies[0]).await;
    house.end_stay("vrbo", &copies[1]).await;
    rounds(&house, 8).await;
    assert!(
        house.closed(lodging).await.is_empty(),
        "{:?}",
        house.blocks(lodging).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_that_was_known_for_long_is_no_echo_of_one_that_is_sold_over_it() {
    let house = House::new().await;
    let lodging = house.lodging().await;
    house.feed(lodging, "airbnb").await;
    house.feed(lodging, "booking").await;
    house.stay("booking", day(10), day(13)).await;
    house.sync().await;
    house.pass(Duration::hours(20)).await;
    let key = house.stay("airbnb", day(10), day(13)).await;
    house.stay("airbnb", day(30), day(37)).await;
    house.sync().await;
    house.pass(Duration::hours(13)).await;
    house.sync().await;
    // The host calls one of the two off; Airbnb must go on reading of the other.
    house.end_stay("airbnb", &key).await;
    house.sync().await;
    let export = house.read(&house.export(lodging, "airbnb").await).await.text;
    assert!(export.contains("DTSTART;VALUE=DATE:20261111"), "{export}");
}
