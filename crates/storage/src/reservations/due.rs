//! What the clock makes due: holds that run out or need a reminder, stays that are over.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::predicates::{IsConfirmed, IsHold};
use crate::schema::{accommodations, reservations};

/// A reservation for which it is time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// The day of departure.
    pub check_out: Date,
    /// The lodging's IANA time zone.
    pub time_zone: String,
}

/// The lodgings after `after` that have a hold which ran out by `now`, by number, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn lodgings_with_due_holds(
    mut conn: &AsyncPgConnection,
    now: OffsetDateTime,
    after: AccommodationId,
    limit: i64,
) -> QueryResult<Vec<AccommodationId>> {
    let ids: Vec<i64> = reservations::table
        .filter(IsHold::new(reservations::reservation_status))
        .filter(reservations::expires_at.le(now))
        .filter(reservations::accommodation_id.gt(after.0))
        .order(reservations::accommodation_id)
        .limit(limit)
        .select(reservations::accommodation_id)
        .distinct()
        .load(&mut conn)
        .await?;
    Ok(ids.into_iter().map(AccommodationId).collect())
}

/// Locks the holds of a locked lodging that ran out by `now`, the longest overdue first; those that somebody else has
/// locked are left out.
///
/// # Errors
///
/// The store's failure.
pub async fn due_holds_of(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    now: OffsetDateTime,
) -> QueryResult<Vec<Uuid>> {
    reservations::table
        .filter(IsHold::new(reservations::reservation_status))
        .filter(reservations::expires_at.le(now))
        .filter(reservations::accommodation_id.eq(accommodation.0))
        .order(reservations::expires_at)
        .for_no_key_update()
        .skip_locked()
        .select(reservations::id)
        .load(&mut conn)
        .await
}

/// Locks up to `limit` unpaid holds that end by `before` and whose guests were not reminded; others skip them.
///
/// # Errors
///
/// The store's failure.
pub async fn holds_to_remind(
    mut conn: &AsyncPgConnection,
    now: OffsetDateTime,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    reservations::table
        .filter(IsHold::new(reservations::reservation_status))
        .filter(reservations::expires_at.gt(now))
        .filter(reservations::expires_at.le(before))
        .filter(reservations::reminded_at.is_null())
        .order(reservations::expires_at)
        .limit(limit)
        .for_no_key_update()
        .skip_locked()
        .select(reservations::id)
        .load(&mut conn)
        .await
}

/// Notes that the guests of these holds were reminded.
///
/// # Errors
///
/// The store's failure.
pub async fn remind(mut conn: &AsyncPgConnection, ids: &[Uuid], now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(reservations::table.filter(reservations::id.eq_any(ids)))
        .set((
            reservations::reminded_at.eq(now),
            reservations::updated_at.eq(now),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Up to `limit` confirmed stays whose day of departure lies before `before`, the oldest first. Whether the lodging's
/// own day is past it is for the caller to say.
///
/// # Errors
///
/// The store's failure.
pub async fn stays_to_complete(
    mut conn: &AsyncPgConnection,
    before: Date,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    let rows: Vec<(Uuid, Date, String)> = reservations::table
        .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
        .filter(IsConfirmed::new(reservations::reservation_status))
        .filter(reservations::check_out.lt(before))
        .order((reservations::check_out, reservations::id))
        .limit(limit)
        .select((
            reservations::id,
            reservations::check_out,
            accommodations::time_zone,
        ))
        .load(&mut conn)
        .await?;
    let due = rows.into_iter().map(|(id, check_out, time_zone)| Due {
        id,
        check_out,
        time_zone,
    });
    Ok(due.collect())
}
