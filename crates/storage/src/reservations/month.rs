//! What fills the calendars of all lodgings.

use std::ops::Bound;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::reservation::Status;
use time::Date;
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::{calendar_blocks, ical_feeds, reservations};

/// A reservation that took its nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthStay {
    /// The lodging.
    pub accommodation: AccommodationId,
    /// What people call it.
    pub code: String,
    /// Where it stands.
    pub status: Status,
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

/// The reservations of these lodgings with a night in `[from, to)` that took it, by lodging and arrival.
///
/// As many as there are: a lodging has at most one for each night, and those whose guest never came.
///
/// # Errors
///
/// The store's failure.
pub async fn stays_touching(
    mut conn: &AsyncPgConnection,
    lodgings: &[AccommodationId],
    from: Date,
    to: Date,
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
        .filter(reservations::accommodation_id.eq_any(lodgings.iter().map(|id| id.0)))
        .filter(reservations::check_in.ge(earliest))
        .filter(reservations::check_in.lt(to))
        .filter(reservations::check_out.gt(from))
        .filter(reservations::reservation_status.eq_any(took.map(Status::as_str)))
        .order((reservations::accommodation_id, reservations::check_in))
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
        |(accommodation, code, status, contact_name, check_in, check_out)| {
            let status = status.parse().ok();
            Ok(MonthStay {
                accommodation: AccommodationId(accommodation),
                status: status
                    .ok_or_else(|| InvalidRow::failure("reservations", "reservation_status", &code))?,
                code,
                contact_name,
                check_in,
                check_out,
            })
        },
    );
    stays.collect()
}

/// The live closures of these lodgings by other channels with a night in `[from, to)`, by lodging and first night.
///
/// As many as there are: a feed has at most some thousand entries, of which a month sees few.
///
/// # Errors
///
/// The store's failure.
pub async fn blocks_touching(
    mut conn: &AsyncPgConnection,
    lodgings: &[AccommodationId],
    from: Date,
    to: Date,
) -> QueryResult<Vec<MonthBlock>> {
    let rows: Vec<(i64, Uuid, String, Date, Date)> = calendar_blocks::table
        .inner_join(ical_feeds::table.on(ical_feeds::id.eq(calendar_blocks::feed_id)))
        .filter(calendar_blocks::accommodation_id.eq_any(lodgings.iter().map(|id| id.0)))
        .filter(calendar_blocks::removed_at.is_null())
        .filter(calendar_blocks::period.overlaps_with((Bound::Included(from), Bound::Excluded(to))))
        .order((calendar_blocks::accommodation_id, calendar_blocks::starts_on))
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
