use actix_web::{HttpResponse, web};
use api::reservation::{CancelRequest, CancelledReservation};
use service::http::RawBody;
use service::http::body::parse_json;
use service::internal::{Actor, Bearer};

use super::guest::authorised;
use crate::http::actor::actor;
use crate::http::error::ApiError;
use crate::http::reason;
use crate::state::AppState;
use crate::use_cases::cancel_reservation::{Refund, cancel_reservation};

/// Calls a guest's reservation off by its policy: 200, 401, 404, 409 `wrong-state` and `stay-begun`, 422.
#[tracing::instrument(name = "http.reservations.cancel", skip_all)]
pub(in crate::http) async fn cancel(
    state: web::Data<AppState>,
    code: web::Path<String>,
    caller: Actor,
    token: Bearer,
    body: RawBody,
) -> Result<HttpResponse, actix_web::Error> {
    let request = if body.0.trim_ascii().is_empty() {
        CancelRequest::default()
    } else {
        parse_json(&body.0)?
    };
    Ok(answer(&state, &code, &caller, &token, request).await?)
}

async fn answer(
    state: &AppState,
    code: &str,
    caller: &Actor,
    token: &Bearer,
    request: CancelRequest,
) -> Result<HttpResponse, ApiError> {
    let reason = reason::optional(request.reason.as_deref())?;
    let mut conn = state.database.get().await?;
    let found = authorised(&conn, code, caller, token).await?;
    let context = state.context(actor(caller));
    let done = cancel_reservation(&mut conn, &context, found.id, &reason, Refund::Policy).await?;
    drop(conn);
    if done.changed {
        state.metrics.cancelled(found.channel);
        state
            .hints
            .release(found.accommodation, found.stay, &found.code)
            .await;
    }
    Ok(HttpResponse::Ok().json(CancelledReservation {
        code: done.reservation.code.to_string(),
        status: done.reservation.status.as_str().to_owned(),
        refund: done.refund.into(),
    }))
}
