//! Which nights of a lodging are closed, and by what.

use std::ops::Bound;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::reservation::Status;
use domain::stay::Stay;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::hold::range;
use super::predicates::TakesNights;
use crate::schema::{calendar_blocks, reservations};

/// The ranges `[from, to)` within a lodging's calendar that reservations or other channels close, in no order.
///
/// A hold that ran out closes its nights until it has ended. Its money may be on the way, which only who has the
/// lodging's lock can judge; until then no guest is shown nights that might be refused.
///
/// # Errors
///
/// The store's failure.
pub async fn closed(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    from: Date,
    to: Date,
) -> QueryResult<Vec<(Date, Date)>> {
    let period = (Bound::Included(from), Bound::Excluded(to));
    let stays = reservations::table
        .filter(reservations::accommodation_id.eq(accommodation.0))
        .filter(reservations::period.overlaps_with(period))
        .filter(TakesNights::new(reservations::reservation_status))
        .select((reservations::check_in, reservations::check_out));
    let blocks = calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation.0))
        .filter(calendar_blocks::period.overlaps_with(period))
        .filter(calendar_blocks::removed_at.is_null())
        .select((calendar_blocks::starts_on, calendar_blocks::ends_on));
    stays.union_all(blocks).load(&mut conn).await
}

/// Whether every night of `stay` is free of other reservations and of other channels' closures, as the reservation
/// `own` sees it. Call it under the lodging's lock to rely on it.
///
/// # Errors
///
/// The store's failure.
pub async fn free_for(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    stay: Stay,
    own: Uuid,
) -> QueryResult<bool> {
    let period = range(stay);
    let others = reservations::table
        .filter(reservations::accommodation_id.eq(accommodation.0))
        .filter(reservations::period.overlaps_with(period))
        .filter(TakesNights::new(reservations::reservation_status))
        .filter(reservations::id.ne(own));
    let blocks = calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation.0))
        .filter(calendar_blocks::period.overlaps_with(period))
        .filter(calendar_blocks::removed_at.is_null())
        .filter(calendar_blocks::echo_of.is_distinct_from(own));
    let (taken, blocked): (bool, bool) = diesel::select((exists(others), exists(blocks)))
        .get_result(&mut conn)
        .await?;
    Ok(!taken && !blocked)
}

/// The holds over `stay` that have run out by `now` and are not yet expired.
///
/// # Errors
///
/// The store's failure.
pub async fn due_holds_over(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    stay: Stay,
    now: OffsetDateTime,
) -> QueryResult<Vec<Uuid>> {
    reservations::table
        .filter(reservations::accommodation_id.eq(accommodation.0))
        .filter(reservations::period.overlaps_with(range(stay)))
        .filter(TakesNights::new(reservations::reservation_status))
        .filter(reservations::reservation_status.eq(Status::PreReserved.as_str()))
        .filter(reservations::expires_at.le(now))
        .order(reservations::check_in)
        .select(reservations::id)
        .load(&mut conn)
        .await
}
