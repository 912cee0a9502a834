//! The quote that a reservation keeps, as JSON in minor units of the reservation's currency.

use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use domain::pricing::{Night, Quote};
use serde::{Deserialize, Serialize};
use time::Date;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

#[derive(Serialize, Deserialize)]
struct Stored {
    nights: Vec<StoredNight>,
    extra_guests_minor: i64,
    cleaning_minor: i64,
    total_minor: i64,
    deposit_minor: i64,
    cancellation: StoredPolicy,
}

#[derive(Serialize, Deserialize)]
struct StoredNight {
    #[serde(with = "day")]
    date: Date,
    price_minor: i64,
    weekend: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    season: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredPolicy {
    free_days: u16,
    partial_days: u16,
    partial_bp: u32,
}

pub(super) fn encode(quote: &Quote) -> serde_json::Value {
    let policy = quote.cancellation;
    let stored = Stored {
        nights: quote.nights.iter().map(encode_night).collect(),
        extra_guests_minor: quote.extra_guests.minor(),
        cleaning_minor: quote.cleaning.minor(),
        total_minor: quote.total.minor(),
        deposit_minor: quote.deposit.minor(),
        cancellation: StoredPolicy {
            free_days: policy.free_days(),
            partial_days: policy.partial_days(),
            partial_bp: policy.partial().0,
        },
    };
    serde_json::to_value(stored).unwrap_or_default()
}

fn encode_night(night: &Night) -> StoredNight {
    StoredNight {
        date: night.date,
        price_minor: night.price.minor(),
        weekend: night.weekend,
        season: night.season.clone(),
    }
}

/// `None` if the JSON is none of ours.
pub(super) fn decode(value: serde_json::Value, currency: Currency) -> Option<Quote> {
    let stored: Stored = serde_json::from_value(value).ok()?;
    let money = |minor| Money::new(minor, currency).ok();
    let policy = stored.cancellation;
    let nights = stored.nights.into_iter().map(|night| {
        Some(Night {
            date: night.date,
            price: money(night.price_minor)?,
            weekend: night.weekend,
            season: night.season,
        })
    });
    Some(Quote {
        nights: nights.collect::<Option<_>>()?,
        extra_guests: money(stored.extra_guests_minor)?,
        cleaning: money(stored.cleaning_minor)?,
        total: money(stored.total_minor)?,
        deposit: money(stored.deposit_minor)?,
        cancellation: CancellationPolicy::new(
            policy.free_days,
            policy.partial_days,
            BasisPoints(policy.partial_bp),
        )
        .ok()?,
    })
}
