//! A guest, or the house for a guest, asks where to pay.

use actix_web::{HttpResponse, web};
use domain::code::ReservationCode;
use service::guest_token;
use service::idempotency::IdempotencyKey;
use service::internal::{Actor, Bearer};
use storage::payment_links;

use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::ensure_link::ensure_link_soon;

/// Gives the one live link of the debt: 200, 401, 404, 409, 503 `payment-link-later`.
///
/// The request needs a key as every other, but no answer is kept under it: one live link a debt is the rule of the
/// table itself, and a kept answer would one day hand out a link that has ended.
#[tracing::instrument(name = "http.payment_link.create", skip_all)]
pub(in crate::http) async fn create(
    state: web::Data<AppState>,
    actor: Actor,
    bearer: Bearer,
    _key: IdempotencyKey,
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
    Ok(HttpResponse::Ok().json(view))
}
