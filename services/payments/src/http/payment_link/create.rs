//! A guest, or the house for a guest, asks where to pay.

use actix_web::{HttpResponse, web};
use domain::code::ReservationCode;
use serde_json::json;
use service::guest_token;
use service::idempotency::{IdempotencyKey, fingerprint};
use service::internal::{Actor, Bearer};
use storage::idempotency::{self, Answer, Claim, Scope};
use storage::payment_links;

use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::ensure_link::ensure_link_soon;

/// Gives the one live link of the debt: 200, 401, 404, 409, 422, 503 `payment-link-later`.
#[tracing::instrument(name = "http.payment_link.create", skip_all)]
pub(in crate::http) async fn create(
    state: web::Data<AppState>,
    actor: Actor,
    bearer: Bearer,
    key: IdempotencyKey,
    code: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let code: ReservationCode = code.parse().or(Err(ApiError::UnknownReservation))?;
    let mut conn = state.database.get().await?;
    let debtor = payment_links::debtor_of(&mut conn, &code)
        .await?
        .ok_or(ApiError::UnknownReservation)?;
    if matches!(actor, Actor::Guest) {
        let token = bearer.0.ok_or(ApiError::Unauthenticated)?;
        if !guest_token::matches(&debtor.access_token_hash, &token) {
            return Err(ApiError::UnknownReservation);
        }
    }
    let scope = Scope {
        caller: format!("{actor}:{code}"),
        operation: "POST /reservations/{code}/payment-link",
        key: key.as_str().to_owned(),
    };
    let print = fingerprint("POST", code.as_str(), &json!({}));
    let now = state.clock.now();
    match idempotency::claim(&mut conn, &scope, &print, now).await? {
        Claim::Answered(answer) => return Ok(answered(&answer)),
        Claim::Reused => return Err(ApiError::KeyReused),
        Claim::Running => return Err(ApiError::StillRunning),
        Claim::Fresh => {}
    }
    drop(conn);

    // Made to its end also if the guest hears "later": asking again finds it.
    let (working, reservation, patience) = (state.clone(), debtor.reservation, state.link_wait);
    let work = tokio::spawn(async move { ensure_link_soon(&working, reservation, patience).await });
    let Ok(Ok(made)) = tokio::time::timeout(patience, work).await else {
        return Err(ApiError::LinkLater(None));
    };
    let link = made?;
    let view = api::payment::PaymentLink {
        url: link.url,
        expires_at: link.expires_at,
        amount: link.amount.into(),
    };
    let body = serde_json::to_value(&view).unwrap_or_default();
    let answer = Answer {
        status: 200,
        headers: json!({}),
        body,
    };
    let mut conn = state.database.get().await?;
    idempotency::store(&mut conn, &scope, &print, &answer, now).await?;
    Ok(answered(&answer))
}

fn answered(answer: &Answer) -> HttpResponse {
    HttpResponse::Ok().json(&answer.body)
}
