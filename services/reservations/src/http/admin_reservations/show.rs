use actix_web::{HttpResponse, web};
use api::reservation::ReservationDetail;
use api::timeline::TimelineEntry;
use domain::code::ReservationCode;
use service::internal::Actor;
use storage::reservations::{self, Filter, Reservation};
use storage::{Connection, timeline};

use super::list::summary;
use crate::http::actor::staff;
use crate::http::error::ApiError;
use crate::state::AppState;

/// The most entries of a timeline that are shown.
const MOST: i64 = 500;

/// One reservation with its timeline: 200, 404 `reservation-not-found`.
#[tracing::instrument(name = "http.admin_reservations.show", skip_all)]
pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    caller: Actor,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    let conn = state.database.get().await?;
    let found = by_code(&conn, &code).await?;
    Ok(HttpResponse::Ok().json(detail(&conn, &found).await?))
}

/// The reservation that people call `code`.
pub(super) async fn by_code(conn: &Connection, code: &str) -> Result<Reservation, ApiError> {
    let code: ReservationCode = code.parse().map_err(|_invalid| ApiError::UnknownReservation)?;
    let found = reservations::find_by_code(conn, &code).await?;
    found.ok_or(ApiError::UnknownReservation)
}

/// All that is known about `reservation`, as it stands now.
pub(super) async fn detail(
    conn: &Connection,
    reservation: &Reservation,
) -> Result<ReservationDetail, ApiError> {
    let filter = Filter {
        code: Some(reservation.code.to_string()),
        ..Filter::default()
    };
    let found = reservations::list(conn, &filter, None, 1).await?;
    let found = found.into_iter().next().ok_or(ApiError::UnknownReservation)?;
    let entries = timeline::of(conn, reservation.id, MOST).await?;
    let entries = entries.into_iter().map(|entry| TimelineEntry {
        at: entry.at,
        kind: entry.kind,
        actor: entry.actor,
        trace_id: entry.trace_id,
        detail: entry.detail,
    });
    Ok(ReservationDetail {
        summary: summary(found),
        quote: (&reservation.quote).into(),
        timeline: entries.collect(),
    })
}
