use actix_web::{HttpResponse, web};
use api::availability::{Availability, NightAvailability};
use domain::accommodation::{AccommodationId, Terms};
use domain::pricing;
use serde::Deserialize;
use service::http::Query;
use storage::{accommodations, reservations};
use time::{Date, Duration};

use crate::http::error::{About, ApiError};
use crate::http::iso_date;
use crate::state::AppState;
use crate::use_cases::house_day::house_day;

/// The most nights that one answer tells about.
const MOST: i64 = 400;

/// How many nights it tells about if `to` is left out.
const USUAL: Duration = Duration::days(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Span {
    from: Option<String>,
    to: Option<String>,
}

/// Which nights are free, and their prices: 200, 404 `accommodation-not-found`, 422 `invalid-request`.
#[tracing::instrument(name = "http.accommodations.availability", skip_all)]
pub(in crate::http) async fn availability(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Query(span): Query<Span>,
) -> Result<HttpResponse, ApiError> {
    let from = iso_date::optional("from", span.from.as_deref())?;
    let to = iso_date::optional("to", span.to.as_deref())?;
    let id = AccommodationId(*id);
    let conn = state.database.get().await?;
    let found = accommodations::find(&conn, id).await?;
    let found = found
        .filter(|found| found.active)
        .ok_or(ApiError::UnknownAccommodation)?;
    let today = house_day(&found.facts.time_zone, state.clock.now());
    let from = from.unwrap_or(today);
    let to = to.or_else(|| from.checked_add(USUAL)).unwrap_or(from);
    let count = (to - from).whole_days();
    if !(1..=MOST).contains(&count) {
        let detail = "from 1 to 400 nights can be asked about at once";
        return Err(ApiError::invalid(About::Request, "to", "out_of_range", detail));
    }
    let closed = reservations::closed(&conn, id, from, to).await?;
    drop(conn);

    let last = today.checked_add(state.policy.horizon).unwrap_or(Date::MAX);
    let open = |date: Date| {
        today <= date && date < last && !closed.iter().any(|(start, end)| *start <= date && date < *end)
    };
    let terms = &found.facts.terms;
    let dates = (0..count).filter_map(|offset| from.checked_add(Duration::days(offset)));
    let nights = dates.map(|date| night(terms, date, open(date)));
    let answer = Availability {
        accommodation_id: id.0,
        from,
        to,
        nights: nights.collect::<Result<_, _>>()?,
    };
    Ok(HttpResponse::Ok().json(answer))
}

fn night(terms: &Terms, date: Date, available: bool) -> Result<NightAvailability, ApiError> {
    let night = pricing::night(terms, date)?;
    let of_season = terms.season_of(date).and_then(|season| season.min_nights);
    Ok(NightAvailability {
        date,
        available,
        price: night.price.into(),
        weekend: night.weekend,
        season: night.season,
        min_nights: of_season.unwrap_or(0).max(terms.min_nights),
    })
}
