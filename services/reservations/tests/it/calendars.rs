//! What `ical-sync` does with nights: it closes and opens them, always under the lodging's lock.

use diesel_async::AsyncConnection;
use domain::accommodation::AccommodationId;
use domain::stay::Stay;
use storage::calendar_blocks::{self, Block};
use storage::ical_feeds::{self, NewFeed};
use storage::{accommodations, reservations};
use time::Date;
use uuid::Uuid;

use crate::house::House;

/// A feed of Airbnb's for each lodging.
pub(crate) async fn feeds(house: &House, lodgings: &[i64]) -> Vec<i64> {
    let mut feeds = Vec::new();
    for lodging in lodgings {
        feeds.push(feed(house, *lodging).await);
    }
    feeds
}

pub(crate) async fn feed(house: &House, lodging: i64) -> i64 {
    let feed = NewFeed {
        accommodation_id: lodging,
        channel: "airbnb".to_owned(),
        url: format!("https://channel.example/{lodging}.ics"),
    };
    let mut conn = house.database.conn().await;
    let stored = ical_feeds::insert(&mut conn, &feed, house.now()).await.unwrap();
    stored.id
}

/// Closes nights, whoever has them.
pub(crate) async fn block(house: &House, lodging: i64, feed: i64, nights: (Date, Date)) -> Block {
    let block = new_block(house, lodging, feed, nights);
    let mut conn = house.database.conn().await;
    let inserted = conn.transaction(async |conn| {
        accommodations::lock(conn, AccommodationId(lodging)).await?;
        calendar_blocks::save(conn, std::slice::from_ref(&block)).await
    });
    inserted.await.unwrap();
    block
}

/// Closes nights unless somebody has one of them.
pub(crate) async fn block_if_free(
    house: &House,
    lodging: i64,
    feed: i64,
    nights: (Date, Date),
) -> Option<Block> {
    let block = new_block(house, lodging, feed, nights);
    let stay = Stay::new(nights.0, nights.1).unwrap();
    let mut conn = house.database.conn().await;
    let closed = conn.transaction(async |conn| {
        let lodging = AccommodationId(lodging);
        accommodations::lock(conn, lodging).await?;
        let free = reservations::free_for(conn, lodging, stay, Uuid::nil()).await?;
        if free {
            calendar_blocks::save(conn, std::slice::from_ref(&block)).await?;
        }
        diesel::QueryResult::Ok(free)
    });
    closed.await.unwrap().then_some(block)
}

/// Opens the nights of `block` again.
pub(crate) async fn unblock(house: &House, block: Block) {
    let removed = Block {
        removed_at: Some(house.now()),
        ..block
    };
    let mut conn = house.database.conn().await;
    let updated = conn.transaction(async |conn| {
        accommodations::lock(conn, AccommodationId(removed.accommodation_id)).await?;
        calendar_blocks::save(conn, &[removed]).await
    });
    updated.await.unwrap();
}

fn new_block(house: &House, lodging: i64, feed: i64, (starts_on, ends_on): (Date, Date)) -> Block {
    let id = Uuid::new_v4();
    Block {
        id,
        accommodation_id: lodging,
        feed_id: feed,
        uid: format!("{id}@channel.example"),
        instance: None,
        starts_on,
        ends_on,
        kind: "stay".to_owned(),
        tentative: false,
        echo_of: None,
        muted: false,
        sequence: 0,
        created_at: house.now(),
        updated_at: house.now(),
        removed_at: None,
    }
}
