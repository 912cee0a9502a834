//! Between a row and a lodging.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use domain::accommodation::{AccommodationId, Terms};
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use time::{OffsetDateTime, Time};

use super::{Accommodation, Facts};
use crate::error::InvalidRow;
use crate::schema::accommodations;

#[derive(Queryable, Selectable)]
#[diesel(table_name = accommodations)]
pub(super) struct Row {
    id: i64,
    name: String,
    description: String,
    city: String,
    country: String,
    time_zone: String,
    currency: String,
    base_price_minor: i64,
    weekend_multiplier_bp: i32,
    cleaning_fee_minor: i64,
    extra_guest_fee_minor: i64,
    included_guests: i32,
    max_guests: i32,
    min_nights: i32,
    max_nights: i32,
    deposit_bp: i32,
    cancellation_free_days: i32,
    cancellation_partial_days: i32,
    cancellation_partial_bp: i32,
    check_in_time: Time,
    check_out_time: Time,
    photos: serde_json::Value,
    amenities: serde_json::Value,
    house_rules: String,
    active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// The columns that the staff writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = accommodations)]
pub(super) struct Written<'a> {
    name: &'a str,
    description: &'a str,
    city: &'a str,
    country: &'a str,
    time_zone: &'a str,
    currency: &'a str,
    base_price_minor: i64,
    weekend_multiplier_bp: i32,
    cleaning_fee_minor: i64,
    extra_guest_fee_minor: i64,
    included_guests: i32,
    max_guests: i32,
    min_nights: i32,
    max_nights: i32,
    deposit_bp: i32,
    cancellation_free_days: i32,
    cancellation_partial_days: i32,
    cancellation_partial_bp: i32,
    check_in_time: Time,
    check_out_time: Time,
    photos: serde_json::Value,
    amenities: serde_json::Value,
    house_rules: &'a str,
    updated_at: OffsetDateTime,
}

impl<'a> Written<'a> {
    pub(super) fn new(facts: &'a Facts, currency: &'a str, now: OffsetDateTime) -> Self {
        let terms = &facts.terms;
        // Rates and counts are bounded far below by the table's checks, which refuse what does not fit here.
        let rate = |rate: BasisPoints| i32::try_from(rate.0).unwrap_or(i32::MAX);
        let photos = facts.photos.iter().map(|(url, caption)| [url, caption]);
        Self {
            name: &facts.name,
            description: &facts.description,
            city: &facts.city,
            country: &facts.country,
            time_zone: &facts.time_zone,
            currency,
            base_price_minor: terms.base_price.minor(),
            weekend_multiplier_bp: rate(terms.weekend_multiplier),
            cleaning_fee_minor: terms.cleaning_fee.minor(),
            extra_guest_fee_minor: terms.extra_guest_fee.minor(),
            included_guests: terms.included_guests.into(),
            max_guests: terms.max_guests.into(),
            min_nights: terms.min_nights.into(),
            max_nights: terms.max_nights.into(),
            deposit_bp: rate(terms.deposit),
            cancellation_free_days: terms.cancellation.free_days().into(),
            cancellation_partial_days: terms.cancellation.partial_days().into(),
            cancellation_partial_bp: rate(terms.cancellation.partial()),
            check_in_time: facts.check_in_time,
            check_out_time: facts.check_out_time,
            photos: photos
                .map(|[url, caption]| serde_json::json!({"url": url, "caption": caption}))
                .collect(),
            amenities: facts.amenities.clone().into(),
            house_rules: &facts.house_rules,
            updated_at: now,
        }
    }
}

impl TryFrom<Row> for Accommodation {
    type Error = DieselError;

    fn try_from(row: Row) -> QueryResult<Self> {
        let terms = terms(&row)?;
        let photos: Option<Vec<_>> = row
            .photos
            .as_array()
            .map(|all| all.iter().filter_map(photo).collect());
        let amenities = row.amenities.as_array().map(|all| {
            let names = all.iter().filter_map(|name| name.as_str().map(str::to_owned));
            names.collect()
        });
        Ok(Self {
            id: AccommodationId(row.id),
            facts: Facts {
                name: row.name,
                description: row.description,
                city: row.city,
                country: row.country,
                time_zone: row.time_zone,
                terms,
                check_in_time: row.check_in_time,
                check_out_time: row.check_out_time,
                photos: photos.unwrap_or_default(),
                amenities: amenities.unwrap_or_default(),
                house_rules: row.house_rules,
            },
            active: row.active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn photo(value: &serde_json::Value) -> Option<(String, String)> {
    // A bare address is a picture without a caption.
    let url = value.as_str().or_else(|| value.get("url")?.as_str())?;
    let caption = value.get("caption").and_then(serde_json::Value::as_str);
    Some((url.to_owned(), caption.unwrap_or_default().to_owned()))
}

fn terms(row: &Row) -> QueryResult<Terms> {
    let broken = |column: &'static str| move || InvalidRow::failure("accommodations", column, &row.id);
    let currency: Currency = row.currency.parse().ok().ok_or_else(broken("currency"))?;
    let money =
        |minor: i64, column: &'static str| Money::new(minor, currency).ok().ok_or_else(broken(column));
    let count = |count: i32, column: &'static str| u16::try_from(count).ok().ok_or_else(broken(column));
    let rate = |rate: i32, column: &'static str| {
        let rate = u32::try_from(rate).ok().ok_or_else(broken(column));
        rate.map(BasisPoints)
    };
    let cancellation = CancellationPolicy::new(
        count(row.cancellation_free_days, "cancellation_free_days")?,
        count(row.cancellation_partial_days, "cancellation_partial_days")?,
        rate(row.cancellation_partial_bp, "cancellation_partial_bp")?,
    );
    Ok(Terms {
        base_price: money(row.base_price_minor, "base_price_minor")?,
        weekend_multiplier: rate(row.weekend_multiplier_bp, "weekend_multiplier_bp")?,
        cleaning_fee: money(row.cleaning_fee_minor, "cleaning_fee_minor")?,
        extra_guest_fee: money(row.extra_guest_fee_minor, "extra_guest_fee_minor")?,
        included_guests: count(row.included_guests, "included_guests")?,
        max_guests: count(row.max_guests, "max_guests")?,
        min_nights: count(row.min_nights, "min_nights")?,
        max_nights: count(row.max_nights, "max_nights")?,
        deposit: rate(row.deposit_bp, "deposit_bp")?,
        cancellation: cancellation
            .ok()
            .ok_or_else(broken("cancellation_partial_days"))?,
        seasons: Vec::new(),
    })
}
