//! What fills the calendars of all lodgings.

use std::ops::Bound;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::reservation::Status;
use time::Date;
use uuid::Uuid;

use crate::schema::{calendar_blocks, ical_feeds, reservations};

/// A reservation that took its nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthStay {
    /// The lodging.
    pub accommodation: AccommodationId,
    /// What people call it.
    pub code: String,
    /// Where it stands, in the database's word.
    pub status: String,
    /// Who booked.
    pub contact_name: String,
    /// The day of arrival.
    pub check_in: Date,
    /// The day of departure.
    pub check_out: Date,
}

/// A closure of another channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthBlock {
    /// The lodging.
    pub accommodation: AccommodationId,
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub channel: String,
    /// Its first night.
    pub starts_on: Date,
    /// The first night after it.
    pub ends_on: Date,
}

/// The reservations with a night in `[from, to)` that took it, by lodging and arrival, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn stays_touching(
    mut conn: &AsyncPgConnection,
    from: Date,
    to: Date,
    limit: i64,
) -> QueryResult<Vec<MonthStay>> {
    let took = [
        Status::PreReserved,
        Status::Confirmed,
        Status::Completed,
        Status::NoShow,
    ];
    // A stay has at most 365 nights, so that the index on check-in bounds the search.
    let earliest = from
        .checked_sub(time::Duration::days(domain::stay::MAX_NIGHTS))
        .unwrap_or(from);
    let rows: Vec<(i64, String, String, String, Date, Date)> = reservations::table
        .filter(reservations::check_in.ge(earliest))
        .filter(reservations::check_in.lt(to))
        .filter(reservations::check_out.gt(from))
        .filter(reservations::reservation_status.eq_any(took.map(Status::as_str)))
        .order((reservations::accommodation_id, reservations::check_in))
        .limit(limit)
        .select((
            reservations::accommodation_id,
            reservations::code,
            reservations::reservation_status,
            reservations::contact_name,
            reservations::check_in,
            reservations::check_out,
        ))
        .load(&mut conn)
        .await?;
    let stays = rows.into_iter().map(
        |(accommodation, code, status, contact_name, check_in, check_out)| MonthStay {
            accommodation: AccommodationId(accommodation),
            code,
            status,
            contact_name,
            check_in,
            check_out,
        },
    );
    Ok(stays.collect())
}

/// The live closures of other channels with a night in `[from, to)`, by lodging and first night, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn blocks_touching(
    mut conn: &AsyncPgConnection,
    from: Date,
    to: Date,
    limit: i64,
) -> QueryResult<Vec<MonthBlock>> {
    let rows: Vec<(i64, Uuid, String, Date, Date)> = calendar_blocks::table
        .inner_join(ical_feeds::table.on(ical_feeds::id.eq(calendar_blocks::feed_id)))
        .filter(calendar_blocks::removed_at.is_null())
        .filter(calendar_blocks::period.overlaps_with((Bound::Included(from), Bound::Excluded(to))))
        .order((calendar_blocks::accommodation_id, calendar_blocks::starts_on))
        .limit(limit)
        .select((
            calendar_blocks::accommodation_id,
            calendar_blocks::id,
            ical_feeds::channel,
            calendar_blocks::starts_on,
            calendar_blocks::ends_on,
        ))
        .load(&mut conn)
        .await?;
    let blocks = rows
        .into_iter()
        .map(|(accommodation, id, channel, starts_on, ends_on)| MonthBlock {
            accommodation: AccommodationId(accommodation),
            id,
            channel,
            starts_on,
            ends_on,
        });
    Ok(blocks.collect())
}
