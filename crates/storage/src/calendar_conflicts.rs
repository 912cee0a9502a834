//! `calendar_conflicts`: closures of other channels over stays of ours. Both are kept; a person decides. Written by the
//! service `ical-sync`.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::outbox::new_id;
use crate::schema::{accommodations, calendar_blocks, calendar_conflicts, ical_feeds, reservations};

/// A stay of ours that takes nights now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct OwnStay {
    /// The reservation.
    pub id: Uuid,
    /// What people call it.
    pub code: String,
    /// The day of arrival.
    pub check_in: Date,
    /// The day of departure.
    pub check_out: Date,
    /// How often what a calendar shows of it has changed.
    pub sequence: i32,
    /// When it last did.
    pub changed_at: OffsetDateTime,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// The stays of a lodging that take nights from `today` on: what we export, and what a closure may lie over.
///
/// # Errors
///
/// The store's failure.
pub async fn own_stays(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    today: Date,
) -> QueryResult<Vec<OwnStay>> {
    reservations::table
        .filter(reservations::accommodation_id.eq(accommodation))
        .filter(reservations::reservation_status.eq_any(["pre_reserved", "confirmed"]))
        .filter(reservations::check_out.ge(today))
        .order((reservations::check_in, reservations::id))
        .select((
            reservations::id,
            reservations::code,
            reservations::check_in,
            reservations::check_out,
            reservations::calendar_sequence,
            reservations::calendar_changed_at,
            reservations::created_at,
        ))
        .load(conn)
        .await
}

/// When anything last changed about stays of ours that end `today` or later, those that were called off among them.
///
/// # Errors
///
/// The store's failure.
pub async fn stays_changed_at(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    today: Date,
) -> QueryResult<Option<OffsetDateTime>> {
    reservations::table
        .filter(reservations::accommodation_id.eq(accommodation))
        .filter(reservations::check_out.ge(today))
        .select(diesel::dsl::max(reservations::calendar_changed_at))
        .first(conn)
        .await
}

/// Which of `ids` are stays of ours, and whether each still takes nights.
///
/// # Errors
///
/// The store's failure.
pub async fn stays_among(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<(Uuid, bool)>> {
    let takes_nights = reservations::reservation_status.eq_any(["pre_reserved", "confirmed"]);
    reservations::table
        .filter(reservations::id.eq_any(ids))
        .select((reservations::id, takes_nights))
        .load(conn)
        .await
}

/// An open conflict by what it is between.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Open {
    /// The conflict.
    pub id: Uuid,
    /// The closure.
    pub block_id: Uuid,
    /// The stay of ours.
    pub reservation_id: Uuid,
}

/// The open conflicts of a lodging.
///
/// # Errors
///
/// The store's failure.
pub async fn open_of(conn: &mut AsyncPgConnection, accommodation: i64) -> QueryResult<Vec<Open>> {
    calendar_conflicts::table
        .filter(calendar_conflicts::accommodation_id.eq(accommodation))
        .filter(calendar_conflicts::closed_at.is_null())
        .select((
            calendar_conflicts::id,
            calendar_conflicts::block_id,
            calendar_conflicts::reservation_id,
        ))
        .load(conn)
        .await
}

/// Notes a conflict and gives its id; `None` if it is open already, or a person has decided on this very pair.
///
/// # Errors
///
/// The store's failure.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    accommodation: i64,
    block: Uuid,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<Option<Uuid>> {
    let decided = calendar_conflicts::table
        .filter(calendar_conflicts::block_id.eq(block))
        .filter(calendar_conflicts::reservation_id.eq(reservation))
        .filter(calendar_conflicts::decision.is_not_null());
    if diesel::select(diesel::dsl::exists(decided))
        .get_result(conn)
        .await?
    {
        return Ok(None);
    }
    diesel::insert_into(calendar_conflicts::table)
        .values((
            calendar_conflicts::id.eq(new_id(now)),
            calendar_conflicts::accommodation_id.eq(accommodation),
            calendar_conflicts::block_id.eq(block),
            calendar_conflicts::reservation_id.eq(reservation),
            calendar_conflicts::found_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .returning(calendar_conflicts::id)
        .get_result(conn)
        .await
        .optional()
}

/// Closes a conflict and gives the stay of ours that it was about, `None` if it is not open. `decision` is a person's,
/// `None` if it went away by itself.
///
/// # Errors
///
/// The store's failure.
pub async fn close(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    by: &str,
    decision: Option<&str>,
    now: OffsetDateTime,
) -> QueryResult<Option<Uuid>> {
    let open = calendar_conflicts::table
        .find(id)
        .filter(calendar_conflicts::closed_at.is_null());
    diesel::update(open)
        .set((
            calendar_conflicts::closed_at.eq(now),
            calendar_conflicts::closed_by.eq(by),
            calendar_conflicts::decision.eq(decision),
        ))
        .returning(calendar_conflicts::reservation_id)
        .get_result(conn)
        .await
        .optional()
}

/// A conflict with what a person needs to decide.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Shown {
    /// The conflict.
    pub id: Uuid,
    /// The lodging.
    pub accommodation_id: i64,
    /// Its name.
    pub accommodation: String,
    /// Who closed the nights.
    pub channel: String,
    /// The closure's first night.
    pub starts_on: Date,
    /// The first night after it.
    pub ends_on: Date,
    /// The stay of ours.
    pub reservation_id: Uuid,
    /// What people call it.
    pub code: String,
    /// The day of arrival.
    pub check_in: Date,
    /// The day of departure.
    pub check_out: Date,
    /// When it was found.
    pub found_at: OffsetDateTime,
}

/// The open conflicts, oldest first, at most `limit`; those after one of which it is known when it was found, and its
/// id.
///
/// # Errors
///
/// The store's failure.
pub async fn open(
    conn: &mut AsyncPgConnection,
    after: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> QueryResult<Vec<Shown>> {
    let mut query = calendar_conflicts::table
        .inner_join(accommodations::table.on(accommodations::id.eq(calendar_conflicts::accommodation_id)))
        .inner_join(calendar_blocks::table.on(calendar_blocks::id.eq(calendar_conflicts::block_id)))
        .inner_join(reservations::table.on(reservations::id.eq(calendar_conflicts::reservation_id)))
        .inner_join(ical_feeds::table.on(ical_feeds::id.eq(calendar_blocks::feed_id)))
        .filter(calendar_conflicts::closed_at.is_null())
        .select((
            calendar_conflicts::id,
            calendar_conflicts::accommodation_id,
            accommodations::name,
            ical_feeds::channel,
            calendar_blocks::starts_on,
            calendar_blocks::ends_on,
            calendar_conflicts::reservation_id,
            reservations::code,
            reservations::check_in,
            reservations::check_out,
            calendar_conflicts::found_at,
        ))
        .into_boxed();
    if let Some((found_at, id)) = after {
        let same_instant = calendar_conflicts::found_at
            .eq(found_at)
            .and(calendar_conflicts::id.gt(id));
        query = query.filter(calendar_conflicts::found_at.gt(found_at).or(same_instant));
    }
    query
        .order((calendar_conflicts::found_at, calendar_conflicts::id))
        .limit(limit)
        .load(conn)
        .await
}

/// How many conflicts are open, by the channel that closed the nights.
///
/// # Errors
///
/// The store's failure.
pub async fn count_by_channel(conn: &mut AsyncPgConnection) -> QueryResult<Vec<(String, i64)>> {
    calendar_conflicts::table
        .inner_join(calendar_blocks::table.on(calendar_blocks::id.eq(calendar_conflicts::block_id)))
        .inner_join(ical_feeds::table.on(ical_feeds::id.eq(calendar_blocks::feed_id)))
        .filter(calendar_conflicts::closed_at.is_null())
        .group_by(ical_feeds::channel)
        .select((ical_feeds::channel, diesel::dsl::count_star()))
        .load(conn)
        .await
}
