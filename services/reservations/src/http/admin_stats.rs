//! The house in figures.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use api::stats::{Stats, StatsByStatus};
use domain::money::Money;
use domain::reservation::Status;
use service::http::{NoParameters, Query};
use service::internal::Actor;
use storage::reservations;
use time::Duration;

use super::actor::staff;
use super::admin_calendar::nights;
use super::error::ApiError;
use crate::state::AppState;

const SPAN: Duration = Duration::days(30);
const MOST_ENTRIES: i64 = 20_000;

/// The house in figures: 200, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_stats.show", skip_all)]
pub(super) async fn show(
    state: web::Data<AppState>,
    caller: Actor,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let now = state.clock.now();
    let today = now.date();
    let end = today.checked_add(SPAN).unwrap_or(time::Date::MAX);
    let conn = state.database.get().await?;
    let found = reservations::stats(&conn, now, today, now - SPAN).await?;
    let stays = reservations::stays_touching(&conn, today, end, MOST_ENTRIES).await?;
    let blocks = reservations::blocks_touching(&conn, today, end, MOST_ENTRIES).await?;
    drop(conn);
    let ranges = stays
        .iter()
        .map(|stay| (stay.accommodation, stay.check_in, stay.check_out));
    let blocks = blocks
        .iter()
        .map(|block| (block.accommodation, block.starts_on, block.ends_on));
    let occupied: BTreeSet<_> = ranges
        .chain(blocks)
        .flat_map(|(lodging, from, to)| {
            nights(from.max(today), to.min(end)).map(move |night| (lodging, night))
        })
        .collect();
    let money = found.paid.iter().filter_map(|(currency, minor)| {
        let amount = Money::new(*minor, currency.parse().ok()?).ok()?;
        Some(amount.into())
    });
    Ok(HttpResponse::Ok().json(Stats {
        as_of: now,
        active_accommodations: found.active_accommodations,
        open_holds: found.open_holds,
        confirmed_stays: found.confirmed_stays,
        arrivals_today: found.arrivals,
        departures_today: found.departures,
        last_30_days: by_status(&found.by_status),
        occupied_nights_next_30_days: i64::try_from(occupied.len()).unwrap_or(i64::MAX),
        nights_next_30_days: found.active_accommodations.saturating_mul(SPAN.whole_days()),
        paid_last_30_days: money.collect(),
    }))
}

fn by_status(counts: &[(Status, i64)]) -> StatsByStatus {
    let mut by_status = StatsByStatus::default();
    for (status, count) in counts {
        let place = match status {
            Status::PreReserved => &mut by_status.pre_reserved,
            Status::Confirmed => &mut by_status.confirmed,
            Status::Cancelled => &mut by_status.cancelled,
            Status::Expired => &mut by_status.expired,
            Status::Completed => &mut by_status.completed,
            Status::NoShow => &mut by_status.no_show,
        };
        *place = *count;
    }
    by_status
}
