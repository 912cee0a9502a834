//! What the staff does to a reservation; each answers with the reservation as it stands afterwards.

use actix_web::{HttpResponse, web};
use api::reservation::{ReasonRequest, RefundChoice, StaffCancelRequest};
use service::http::Json;
use service::internal::Actor;

use super::show::{by_code, detail};
use crate::http::actor::staff;
use crate::http::error::ApiError;
use crate::http::reason;
use crate::state::AppState;
use crate::use_cases::cancel_reservation::{Refund, cancel_reservation};
use crate::use_cases::confirm_by_hand::confirm_by_hand;
use crate::use_cases::mark_no_show::mark_no_show;

/// Confirms a hold by hand: 200, 404, 409 `wrong-state` and `nights-taken`, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_reservations.confirm", skip_all)]
pub(in crate::http) async fn confirm(
    state: web::Data<AppState>,
    caller: Actor,
    code: web::Path<String>,
    request: Json<ReasonRequest>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let reason = reason::required(&request.0.reason)?;
    let mut conn = state.database.get().await?;
    let found = by_code(&conn, &code).await?;
    if confirm_by_hand(&mut conn, &context, found.id, &reason)
        .await?
        .is_some()
    {
        state.metrics.confirmed(found.channel);
        state
            .hints
            .release(found.accommodation, found.stay, &found.code)
            .await;
    }
    Ok(HttpResponse::Ok().json(detail(&conn, &found).await?))
}

/// Calls a reservation off: 200, 404, 409 `wrong-state`, 422 `invalid-request`.
#[tracing::instrument(name = "http.admin_reservations.cancel", skip_all)]
pub(in crate::http) async fn cancel(
    state: web::Data<AppState>,
    caller: Actor,
    code: web::Path<String>,
    request: Json<StaffCancelRequest>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let reason = reason::required(&request.0.reason)?;
    let refund = match request.0.refund {
        RefundChoice::Policy => Refund::Policy,
        RefundChoice::Full => Refund::Full,
        RefundChoice::None => Refund::None,
    };
    let mut conn = state.database.get().await?;
    let found = by_code(&conn, &code).await?;
    let done = cancel_reservation(&mut conn, &context, found.id, &reason, refund).await?;
    if done.changed {
        state.metrics.cancelled(found.channel);
        state
            .hints
            .release(found.accommodation, found.stay, &found.code)
            .await;
    }
    Ok(HttpResponse::Ok().json(detail(&conn, &found).await?))
}

/// Notes that the guest never came: 200, 404, 409 `wrong-state` and `too-early`.
#[tracing::instrument(name = "http.admin_reservations.no_show", skip_all)]
pub(in crate::http) async fn no_show(
    state: web::Data<AppState>,
    caller: Actor,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let context = state.context(staff(&caller)?);
    let mut conn = state.database.get().await?;
    let found = by_code(&conn, &code).await?;
    mark_no_show(&mut conn, &context, found.id).await?;
    Ok(HttpResponse::Ok().json(detail(&conn, &found).await?))
}
