//! `seasons`: periods of a lodging with a price or a minimum stay of their own. Written by the service `reservations`,
//! and by `alojactl seed demo`.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::{AccommodationId, Season, SeasonPrice};
use domain::money::{BasisPoints, Currency, Money};
use time::{Date, OffsetDateTime};

use crate::error::{InvalidRow, violates};
use crate::schema::seasons;

/// A season as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeason {
    /// Its number.
    pub id: i64,
    /// Its lodging.
    pub accommodation: AccommodationId,
    /// What it does.
    pub season: Season,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// What storing a season can answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum WriteSeasonError {
    /// Another season of the lodging has one of its nights (`seasons_no_overlap`).
    #[error("another season has one of the nights")]
    Overlaps,
    /// The store's failure.
    #[error("write a season")]
    Query(#[source] DieselError),
}

impl From<DieselError> for WriteSeasonError {
    fn from(error: DieselError) -> Self {
        if violates(&error, "seasons_no_overlap") {
            Self::Overlaps
        } else {
            Self::Query(error)
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = seasons)]
pub(crate) struct Row {
    id: i64,
    accommodation_id: i64,
    name: String,
    starts_on: Date,
    ends_on: Date,
    price_minor: Option<i64>,
    multiplier_bp: Option<i32>,
    min_nights: Option<i32>,
    updated_at: OffsetDateTime,
}

impl Row {
    /// The season; its price is in the lodging's `currency`.
    pub(crate) fn decode(self, currency: Currency) -> QueryResult<Season> {
        let broken = |column: &'static str| InvalidRow::failure("seasons", column, &self.id);
        let price = match (self.price_minor, self.multiplier_bp) {
            (Some(minor), _) => {
                let price = Money::new(minor, currency).ok();
                SeasonPrice::Fixed(price.ok_or_else(|| broken("price_minor"))?)
            }
            (None, Some(rate)) => {
                let rate = u32::try_from(rate).ok();
                SeasonPrice::Multiplier(BasisPoints(rate.ok_or_else(|| broken("multiplier_bp"))?))
            }
            (None, None) => return Err(broken("price_minor")),
        };
        let min_nights = match self.min_nights {
            None => None,
            Some(nights) => Some(u16::try_from(nights).ok().ok_or_else(|| broken("min_nights"))?),
        };
        Ok(Season {
            name: self.name,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            price,
            min_nights,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = seasons, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    starts_on: Date,
    ends_on: Date,
    price_minor: Option<i64>,
    multiplier_bp: Option<i32>,
    min_nights: Option<i32>,
    updated_at: OffsetDateTime,
}

impl<'a> Written<'a> {
    fn new(season: &'a Season, now: OffsetDateTime) -> Self {
        let (price_minor, multiplier_bp) = match season.price {
            SeasonPrice::Fixed(price) => (Some(price.minor()), None),
            SeasonPrice::Multiplier(rate) => (None, Some(i32::try_from(rate.0).unwrap_or(i32::MAX))),
        };
        Self {
            name: &season.name,
            starts_on: season.starts_on,
            ends_on: season.ends_on,
            price_minor,
            multiplier_bp,
            min_nights: season.min_nights.map(i32::from),
            updated_at: now,
        }
    }
}

/// The rows of a lodging's seasons, by first night.
pub(crate) async fn of(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
) -> QueryResult<Vec<Row>> {
    seasons::table
        .filter(seasons::accommodation_id.eq(accommodation.0))
        .order(seasons::starts_on)
        .select(Row::as_select())
        .load(&mut conn)
        .await
}

/// The seasons of a lodging that sells in `currency`, by first night.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    currency: Currency,
) -> QueryResult<Vec<StoredSeason>> {
    let rows = of(conn, accommodation).await?;
    let stored = rows.into_iter().map(|row| {
        Ok(StoredSeason {
            id: row.id,
            accommodation: AccommodationId(row.accommodation_id),
            updated_at: row.updated_at,
            season: row.decode(currency)?,
        })
    });
    stored.collect()
}

/// Whether a lodging has a season with a price of its own, which is in the lodging's currency.
///
/// # Errors
///
/// The store's failure.
pub async fn any_with_price(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
) -> QueryResult<bool> {
    let priced = seasons::table
        .filter(seasons::accommodation_id.eq(accommodation.0))
        .filter(seasons::price_minor.is_not_null());
    diesel::select(diesel::dsl::exists(priced))
        .get_result(&mut conn)
        .await
}

/// Enters a season and gives its number.
///
/// # Errors
///
/// [`WriteSeasonError`].
pub async fn insert(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    season: &Season,
    now: OffsetDateTime,
) -> Result<i64, WriteSeasonError> {
    let id = diesel::insert_into(seasons::table)
        .values((
            Written::new(season, now),
            seasons::accommodation_id.eq(accommodation.0),
            seasons::created_at.eq(now),
        ))
        .returning(seasons::id)
        .get_result(&mut conn)
        .await?;
    Ok(id)
}

/// Replaces the season `id` of a lodging; false if it has none such.
///
/// # Errors
///
/// [`WriteSeasonError`].
pub async fn update(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    id: i64,
    season: &Season,
    now: OffsetDateTime,
) -> Result<bool, WriteSeasonError> {
    let of_accommodation = seasons::table
        .find(id)
        .filter(seasons::accommodation_id.eq(accommodation.0));
    let changed = diesel::update(of_accommodation)
        .set(Written::new(season, now))
        .execute(&mut conn)
        .await?;
    Ok(changed == 1)
}

/// Removes the season `id` of a lodging; false if it has none such.
///
/// # Errors
///
/// The store's failure.
pub async fn delete(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    id: i64,
) -> QueryResult<bool> {
    let of_accommodation = seasons::table
        .find(id)
        .filter(seasons::accommodation_id.eq(accommodation.0));
    Ok(diesel::delete(of_accommodation).execute(&mut conn).await? == 1)
}
