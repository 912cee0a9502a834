//! `accommodations`: lodgings, their terms, and THE lock: whoever takes or frees nights of a lodging holds its row.
//! Written by the service `reservations`; `alojactl seed demo` fills an empty table.

mod row;
mod write;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::{AccommodationId, Terms};
use time::{OffsetDateTime, Time};

use crate::schema::accommodations;
use crate::seasons;
use row::Row;
pub use write::{insert, set_active, touch, update};

/// A lodging. Its terms have no seasons unless the function that read it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accommodation {
    /// Its number.
    pub id: AccommodationId,
    /// What it is, and what its nights cost.
    pub facts: Facts,
    /// Whether it can be seen and booked.
    pub active: bool,
    /// When it was entered.
    pub created_at: OffsetDateTime,
    /// When it, or one of its seasons, was last changed.
    pub updated_at: OffsetDateTime,
}

/// What the staff writes about a lodging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its name, 1 to 120 characters.
    pub name: String,
    /// What a guest reads about it.
    pub description: String,
    /// Where it is.
    pub city: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// The IANA time zone in which its days are counted.
    pub time_zone: String,
    /// What its nights cost, and the limits of a stay.
    pub terms: Terms,
    /// From when on guests may come.
    pub check_in_time: Time,
    /// Until when guests leave.
    pub check_out_time: Time,
    /// Addresses and captions of pictures.
    pub photos: Vec<(String, String)>,
    /// What there is.
    pub amenities: Vec<String>,
    /// What guests must keep to.
    pub house_rules: String,
}

/// What a locked lodging says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Locked {
    /// Whether it can be booked.
    pub active: bool,
    /// The IANA time zone in which its days are counted.
    pub time_zone: String,
    /// When its terms last changed.
    pub updated_at: OffsetDateTime,
}

/// The lodging `id` with its seasons.
///
/// # Errors
///
/// The store's failure.
pub async fn find(mut conn: &AsyncPgConnection, id: AccommodationId) -> QueryResult<Option<Accommodation>> {
    let row = accommodations::table
        .find(id.0)
        .select(Row::as_select())
        .first(&mut conn);
    let (row, seasons) = tokio::join!(row, seasons::of(conn, id));
    let Some(row) = row.optional()? else {
        return Ok(None);
    };
    let mut found = Accommodation::try_from(row)?;
    let currency = found.facts.terms.currency();
    let seasons = seasons?.into_iter().map(|season| season.decode(currency));
    found.facts.terms.seasons = seasons.collect::<Result<_, _>>()?;
    Ok(Some(found))
}

/// The IANA time zone in which the lodging's days are counted.
///
/// # Errors
///
/// The store's failure.
pub async fn time_zone(mut conn: &AsyncPgConnection, id: AccommodationId) -> QueryResult<Option<String>> {
    accommodations::table
        .find(id.0)
        .select(accommodations::time_zone)
        .first(&mut conn)
        .await
        .optional()
}

/// Up to `limit` lodgings by number, those after `after`; without their seasons.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    mut conn: &AsyncPgConnection,
    which: Which,
    after: AccommodationId,
    limit: i64,
) -> QueryResult<Vec<Accommodation>> {
    let active_only = which == Which::Active;
    let rows: Vec<Row> = accommodations::table
        .filter(accommodations::id.gt(after.0))
        .filter(accommodations::active.or((!active_only).into_sql::<diesel::sql_types::Bool>()))
        .order(accommodations::id)
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    rows.into_iter().map(Accommodation::try_from).collect()
}

/// Which lodgings a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that can be booked.
    Active,
    /// All.
    All,
}

/// Locks the lodging until the caller's transaction ends, and tells how it stands now.
///
/// `FOR NO KEY UPDATE`: a full `FOR UPDATE` would also stop every insert that refers to the lodging.
/// Statements after this one see everything that earlier holders of the lock have done.
///
/// # Errors
///
/// The store's failure, among it contention if the lock cannot be had in time.
pub async fn lock(mut conn: &AsyncPgConnection, id: AccommodationId) -> QueryResult<Option<Locked>> {
    accommodations::table
        .find(id.0)
        .for_no_key_update()
        .select((
            accommodations::active,
            accommodations::time_zone,
            accommodations::updated_at,
        ))
        .first(&mut conn)
        .await
        .optional()
}

/// [`lock`], or `None` at once if somebody else has it.
///
/// # Errors
///
/// The store's failure.
pub async fn try_lock(mut conn: &AsyncPgConnection, id: AccommodationId) -> QueryResult<Option<Locked>> {
    accommodations::table
        .find(id.0)
        .for_no_key_update()
        .skip_locked()
        .select((
            accommodations::active,
            accommodations::time_zone,
            accommodations::updated_at,
        ))
        .first(&mut conn)
        .await
        .optional()
}
