//! The house in figures.

use actix_web::{HttpResponse, web};
use api::stats::{Stats, StatsByStatus};
use domain::money::Money;
use domain::reservation::Status;
use service::http::{NoParameters, Query};
use service::internal::Actor;
use storage::reservations;
use time::Duration;

use super::actor::staff;
use super::error::ApiError;
use crate::state::AppState;

const SPAN: Duration = Duration::days(30);

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
    let found = reservations::stats(&conn, now, now - SPAN).await?;
    let occupied = reservations::occupied_nights(&conn, today, end).await?;
    drop(conn);
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
        occupied_nights_next_30_days: occupied,
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
