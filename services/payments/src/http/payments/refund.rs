//! A person gives money back.

use actix_web::{HttpResponse, web};
use serde_json::json;
use service::bounded_text::bounded;
use service::http::Json;
use service::idempotency::{IdempotencyKey, fingerprint};
use service::internal::Actor;
use storage::idempotency::{Answer, Scope};
use storage::refunds::StoredRefund;
use uuid::Uuid;

use super::{LONGEST_REASON, actor, refund_view};
use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::refund_by_host::{HostWish, Once, refund_by_host};

/// Stores a refund, which a job makes: 202, 404, 409 `not-refundable`, 422.
#[tracing::instrument(name = "http.payments.refund", skip_all)]
pub(in crate::http) async fn refund(
    state: web::Data<AppState>,
    by: Actor,
    key: IdempotencyKey,
    id: web::Path<Uuid>,
    Json(request): Json<api::payment::RefundRequest>,
) -> Result<HttpResponse, ApiError> {
    let reason = bounded(&request.reason, 1, LONGEST_REASON).ok_or(ApiError::Invalid("reason"))?;
    let wanted = match &request.amount {
        None => None,
        Some(amount) => Some(amount.decode().or(Err(ApiError::Invalid("amount")))?),
    };
    let scope = Scope {
        caller: by.to_string(),
        operation: "POST /admin/payments/{id}/refunds",
        key: key.as_str().to_owned(),
    };
    let body = serde_json::to_value(&request).unwrap_or_default();
    let print = fingerprint("POST", &id.to_string(), &body);
    let context = state.context_of(actor(by));
    let once = Once {
        scope: &scope,
        fingerprint: &print,
    };
    let wish = HostWish {
        payment: *id,
        amount: wanted,
        reason: &reason,
    };
    let mut conn = state.database.get().await?;
    let answer = refund_by_host(&mut conn, &context, &once, &wish, accepted).await?;
    state.refunds_due.nudge();
    Ok(HttpResponse::Accepted().json(answer.body))
}

fn accepted(refund: StoredRefund) -> Answer {
    Answer {
        status: 202,
        headers: json!({}),
        body: serde_json::to_value(refund_view(refund)).unwrap_or_default(),
    }
}
