//! `ical_feeds`: other channels' calendars that we read. Written by the service `ical-sync`.
//!
//! A feed's URL is a secret: it is never in a log, an error or a metric.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};

use crate::prepared::Prepared;
use crate::schema::{accommodations, ical_feeds};

/// A feed as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ical_feeds)]
pub struct Feed {
    /// Its number.
    pub id: i64,
    /// The lodging whose nights it closes.
    pub accommodation_id: i64,
    /// `airbnb`, `booking`, …
    pub channel: String,
    /// Where it is read.
    pub url: String,
    /// Whether it is not read for now; its blocks stay.
    pub paused: bool,
    /// `fresh`, `stale`, `failing` or `held`.
    pub state: String,
    /// Why it is in this state, in words without the URL.
    pub state_reason: Option<String>,
    /// Since when.
    pub state_since: OffsetDateTime,
    /// The last answer's entity tag.
    pub etag: Option<String>,
    /// The last answer's date.
    pub last_modified: Option<String>,
    /// SHA-256 of the last body.
    pub digest: Option<Vec<u8>>,
    /// When a body was last read whole.
    pub parsed_at: Option<OffsetDateTime>,
    /// How many fetches agree on something suspicious.
    pub held_fetches: i32,
    /// What they agree on.
    pub held_fingerprint: Option<String>,
    /// Since when they do.
    pub held_since: Option<OffsetDateTime>,
    /// When it was last tried.
    pub last_attempt_at: Option<OffsetDateTime>,
    /// When it last answered well.
    pub last_success_at: Option<OffsetDateTime>,
    /// When it is due.
    pub next_fetch_at: OffsetDateTime,
    /// How often it has failed in a row.
    pub failures: i32,
    /// When it was entered.
    pub created_at: OffsetDateTime,
}

/// A feed to be added.
#[derive(Debug, Clone)]
pub struct NewFeed {
    /// The lodging.
    pub accommodation_id: i64,
    /// The channel's name.
    pub channel: String,
    /// Where to read it.
    pub url: String,
}

/// Adds a feed that is due at once.
///
/// # Errors
///
/// The store's failure; among it `ical_feeds_url_key` if the URL belongs to a feed already, and
/// `ical_feeds_accommodation_fkey` if there is no such lodging.
pub async fn insert(conn: &mut AsyncPgConnection, feed: &NewFeed, now: OffsetDateTime) -> QueryResult<Feed> {
    diesel::insert_into(ical_feeds::table)
        .values((
            ical_feeds::accommodation_id.eq(feed.accommodation_id),
            ical_feeds::channel.eq(&feed.channel),
            ical_feeds::url.eq(&feed.url),
            ical_feeds::state_since.eq(now),
            ical_feeds::next_fetch_at.eq(now),
            ical_feeds::created_at.eq(now),
            ical_feeds::updated_at.eq(now),
        ))
        .returning(Feed::as_returning())
        .get_result(conn)
        .await
}

/// The feed `id`, unless it has been removed.
///
/// # Errors
///
/// The store's failure.
pub async fn find(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<Feed>> {
    ical_feeds::table
        .find(id)
        .filter(ical_feeds::removed_at.is_null())
        .select(Feed::as_select())
        .first(conn)
        .await
        .optional()
}

/// [`find`], and nobody else writes it until the caller's transaction ends. Take the lodging's lock first.
///
/// # Errors
///
/// The store's failure.
pub async fn lock(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<Feed>> {
    ical_feeds::table
        .find(id)
        .filter(ical_feeds::removed_at.is_null())
        .for_no_key_update()
        .select(Feed::as_select())
        .first(conn)
        .await
        .optional()
}

/// The feeds of one lodging, or of all, by number, those after `after`, with the lodging's name; at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    conn: &mut AsyncPgConnection,
    accommodation: Option<i64>,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<(Feed, String)>> {
    let feeds = ical_feeds::table
        .inner_join(accommodations::table.on(accommodations::id.eq(ical_feeds::accommodation_id)))
        .filter(ical_feeds::removed_at.is_null())
        .filter(ical_feeds::id.gt(after))
        .order(ical_feeds::id)
        .limit(limit)
        .select((Feed::as_select(), accommodations::name));
    match accommodation {
        Some(id) => feeds.filter(ical_feeds::accommodation_id.eq(id)).load(conn).await,
        None => feeds.load(conn).await,
    }
}

/// Takes up to `limit` feeds that are due, none of those in `but`, and keeps other replicas off them for `lease`.
///
/// # Errors
///
/// The store's failure.
pub async fn claim_due(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    lease: Duration,
    limit: i64,
    but: &[i64],
) -> QueryResult<Vec<Feed>> {
    let due = ical_feeds::table
        .filter(ical_feeds::removed_at.is_null())
        .filter(diesel::dsl::not(ical_feeds::paused))
        .filter(ical_feeds::next_fetch_at.le(now))
        .filter(ical_feeds::id.ne_all(but))
        .order(ical_feeds::next_fetch_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(ical_feeds::id);
    // The locks last until the lease is written, or another replica would take the same feeds.
    conn.transaction(async |conn| {
        let ids: Vec<i64> = due.load(conn).await?;
        claim(conn, ids, now, lease).await
    })
    .await
}

/// Takes the lodging's feeds that were not read since `fresh_since`, as [`claim_due`] does; those that failed only when
/// they are due, since their channels asked for the pause. One that somebody else is taking at this moment is theirs
/// when this ends, and can be seen to be.
///
/// # Errors
///
/// The store's failure.
pub async fn claim_outdated(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    fresh_since: OffsetDateTime,
    now: OffsetDateTime,
    lease: Duration,
) -> QueryResult<Vec<Feed>> {
    let outdated = ical_feeds::table
        .filter(ical_feeds::accommodation_id.eq(accommodation))
        .filter(ical_feeds::removed_at.is_null())
        .filter(diesel::dsl::not(ical_feeds::paused))
        .filter(
            ical_feeds::last_success_at
                .is_null()
                .or(ical_feeds::last_success_at.lt(fresh_since)),
        )
        .filter(ical_feeds::next_fetch_at.le(now).or(ical_feeds::failures.eq(0)))
        .order(ical_feeds::id)
        .for_no_key_update()
        .select(Feed::as_select());
    conn.transaction(async |conn| {
        let mut feeds: Vec<Feed> = outdated.load(conn).await?;
        feeds.retain(|feed| !feed.is_being_read(now, lease));
        claim(conn, feeds.iter().map(|feed| feed.id).collect(), now, lease).await
    })
    .await
}

impl Feed {
    /// Whether somebody took it for `lease` and has not yet said how it went.
    #[must_use]
    pub fn is_being_read(&self, now: OffsetDateTime, lease: Duration) -> bool {
        now < self.next_fetch_at
            && self
                .last_attempt_at
                .is_some_and(|attempt| attempt + lease == self.next_fetch_at)
    }
}

async fn claim(
    conn: &mut AsyncPgConnection,
    ids: Vec<i64>,
    now: OffsetDateTime,
    lease: Duration,
) -> QueryResult<Vec<Feed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(ical_feeds::table.filter(ical_feeds::id.eq_any(ids)))
        .set((
            ical_feeds::next_fetch_at.eq(now + lease),
            ical_feeds::last_attempt_at.eq(now),
        ))
        .returning(Feed::as_returning())
        .get_results(conn)
        .await
}

/// Gives claimed feeds back unread, until `due`.
///
/// # Errors
///
/// The store's failure.
pub async fn put_back(conn: &mut AsyncPgConnection, ids: &[i64], due: OffsetDateTime) -> QueryResult<()> {
    diesel::update(ical_feeds::table.filter(ical_feeds::id.eq_any(ids)))
        .set(ical_feeds::next_fetch_at.eq(due))
        .execute(conn)
        .await?;
    Ok(())
}

/// A fresh feed that was found to be as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged {
    /// As it was when it was taken.
    pub feed: Feed,
    /// When it is due again.
    pub next_fetch_at: OffsetDateTime,
}

/// Writes down in one statement that fresh feeds answered well and are as they were when they were taken; those apart
/// that have since been taken again, paused, removed, or wanted at once by somebody.
///
/// # Errors
///
/// The store's failure.
pub async fn found_unchanged(
    conn: &mut AsyncPgConnection,
    found: &[Unchanged],
    now: OffsetDateTime,
) -> QueryResult<()> {
    if found.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&Unchanged) -> OffsetDateTime| found.iter().map(of).collect::<Vec<_>>();
    let ids: Vec<i64> = found.iter().map(|found| found.feed.id).collect();
    let update = diesel::sql_query(
        // In the order in which everybody locks several feeds.
        "WITH mine AS (SELECT id FROM ical_feeds WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE) \
         UPDATE ical_feeds AS feed \
         SET last_success_at = last_attempt_at, next_fetch_at = found.due, updated_at = $4 \
         FROM mine JOIN unnest($1, $2, $3) AS found (id, lease, due) ON found.id = mine.id \
         WHERE feed.id = mine.id AND feed.next_fetch_at = found.lease AND feed.state = 'fresh' \
         AND NOT feed.paused AND feed.removed_at IS NULL",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Timestamptz>, _>(column(|found| found.feed.next_fetch_at))
    .bind::<Array<Timestamptz>, _>(column(|found| found.next_fetch_at))
    .bind::<Timestamptz, _>(now);
    Prepared(update).execute(conn).await?;
    Ok(())
}

/// What a fetch leaves with its feed.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = ical_feeds)]
pub struct FeedChange {
    /// See [`Feed::state`].
    pub state: Option<&'static str>,
    /// See [`Feed::state_reason`].
    pub state_reason: Option<Option<String>>,
    /// See [`Feed::state_since`].
    pub state_since: Option<OffsetDateTime>,
    /// See [`Feed::etag`].
    pub etag: Option<Option<String>>,
    /// See [`Feed::last_modified`].
    pub last_modified: Option<Option<String>>,
    /// See [`Feed::digest`].
    pub digest: Option<Option<Vec<u8>>>,
    /// See [`Feed::parsed_at`].
    pub parsed_at: Option<OffsetDateTime>,
    /// See [`Feed::held_fetches`].
    pub held_fetches: Option<i32>,
    /// See [`Feed::held_fingerprint`].
    pub held_fingerprint: Option<Option<String>>,
    /// See [`Feed::held_since`].
    pub held_since: Option<Option<OffsetDateTime>>,
    /// See [`Feed::last_success_at`].
    pub last_success_at: Option<OffsetDateTime>,
    /// See [`Feed::next_fetch_at`].
    pub next_fetch_at: Option<OffsetDateTime>,
    /// See [`Feed::failures`].
    pub failures: Option<i32>,
    /// See [`Feed::paused`].
    pub paused: Option<bool>,
    /// Set to take the feed away.
    pub removed_at: Option<OffsetDateTime>,
    /// See [`Feed::url`].
    pub url: Option<String>,
    /// See [`Feed::channel`].
    pub channel: Option<String>,
    /// When this change happens.
    pub updated_at: Option<OffsetDateTime>,
}

/// Writes what changed about a feed.
///
/// # Errors
///
/// The store's failure; among it `ical_feeds_url_key`.
pub async fn update(conn: &mut AsyncPgConnection, id: i64, change: &FeedChange) -> QueryResult<()> {
    diesel::update(ical_feeds::table.find(id))
        .set(change)
        .execute(conn)
        .await?;
    Ok(())
}

/// Makes every feed due at once, paused ones apart, and tells how many there are.
///
/// # Errors
///
/// The store's failure.
pub async fn make_all_due(conn: &mut AsyncPgConnection, now: OffsetDateTime) -> QueryResult<usize> {
    // In one order, so that two who want this at once wait for each other and never in a circle.
    let feeds = ical_feeds::table
        .filter(ical_feeds::removed_at.is_null())
        .filter(diesel::dsl::not(ical_feeds::paused))
        .order(ical_feeds::id)
        .for_no_key_update()
        .select(ical_feeds::id);
    conn.transaction(async |conn| {
        let ids: Vec<i64> = feeds.load(conn).await?;
        diesel::update(ical_feeds::table.filter(ical_feeds::id.eq_any(ids)))
            .set(ical_feeds::next_fetch_at.eq(now))
            .execute(conn)
            .await
    })
    .await
}
