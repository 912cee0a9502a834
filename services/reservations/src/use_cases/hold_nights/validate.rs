//! Whether the lodging sells such a stay at all, whoever else wants it.

use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use domain::pricing::{self, Quote};
use domain::stay::Stay;
use storage::accommodations::{self, Accommodation};
use time::{Duration, OffsetDateTime};

use super::HoldNightsError;
use crate::use_cases::house_day::house_day;

/// What a lodging asks for a stay.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) accommodation: Accommodation,
    pub(crate) quote: Quote,
}

/// The price of a stay in a lodging that can be booked.
pub(crate) async fn offer(
    conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    stay: Stay,
    guests: u16,
    now: OffsetDateTime,
    horizon: Duration,
) -> Result<Offer, HoldNightsError> {
    let found = accommodations::find(conn, accommodation).await?;
    let accommodation = found
        .filter(|found| found.active)
        .ok_or(HoldNightsError::UnknownAccommodation)?;
    let today = house_day(&accommodation.facts.time_zone, now);
    if stay.check_in() < today {
        return Err(HoldNightsError::PastCheckIn(stay.check_in()));
    }
    let last = today.checked_add(horizon).unwrap_or(time::Date::MAX);
    if last < stay.check_out() {
        return Err(HoldNightsError::TooFarAhead(last));
    }
    let quote = pricing::quote(&accommodation.facts.terms, stay, guests).map_err(HoldNightsError::Quote)?;
    Ok(Offer { accommodation, quote })
}
