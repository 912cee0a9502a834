use actix_web::{HttpResponse, web};
use api::reservation;
use domain::reservation::Status;
use service::internal::{Actor, Bearer};
use storage::accommodations;

use super::guest::authorised;
use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::cancel_reservation::{Refund, refund_of};
use crate::use_cases::house_day::house_day;

/// A reservation as its guest sees it: 200, 401 `access-token-missing`, 404 `reservation-not-found`.
#[tracing::instrument(name = "http.reservations.show", skip_all)]
pub(in crate::http) async fn show(
    state: web::Data<AppState>,
    code: web::Path<String>,
    caller: Actor,
    token: Bearer,
) -> Result<HttpResponse, ApiError> {
    let conn = state.database.get().await?;
    let found = authorised(&conn, &code, &caller, &token).await?;
    let lodging = accommodations::find(&conn, found.accommodation).await?;
    let lodging = lodging.ok_or(ApiError::UnknownAccommodation)?;
    let today = house_day(&lodging.facts.time_zone, state.clock.now());
    let cancellable = found.status == Status::PreReserved
        || found.status == Status::Confirmed && today <= found.stay.check_in();
    let refund = cancellable
        .then(|| refund_of(&found, Refund::Policy, today))
        .transpose()?;
    let held = found.status == Status::PreReserved;
    Ok(HttpResponse::Ok().json(reservation::Reservation {
        code: found.code.to_string(),
        status: found.status.as_str().to_owned(),
        payment_status: found.payment_status.as_str().to_owned(),
        accommodation_id: found.accommodation.0,
        accommodation_name: lodging.facts.name,
        check_in: found.stay.check_in(),
        check_out: found.stay.check_out(),
        nights: found.stay.nights(),
        guests: found.guests,
        channel: found.channel.as_str().to_owned(),
        total: found.total.into(),
        deposit: found.deposit.into(),
        paid: found.paid.into(),
        expires_at: found.expires_at.filter(|_| held),
        confirmed_at: found.confirmed_at,
        created_at: found.created_at,
        refund_if_cancelled: refund.map(Into::into),
        quote: (&found.quote).into(),
    }))
}
