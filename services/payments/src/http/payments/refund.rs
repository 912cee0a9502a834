//! A person gives money back.

use actix_web::{HttpResponse, web};
use diesel_async::AsyncConnection;
use domain::money::Money;
use domain::payment::RefundReason;
use serde_json::json;
use service::http::Json;
use service::idempotency::{IdempotencyKey, fingerprint};
use service::internal::Actor;
use storage::idempotency::{self, Answer, Claim, Scope};
use storage::refunds::RefundState;
use storage::{payments, refunds, timeline};
use uuid::Uuid;

use super::{actor, refund_view};
use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::request_refund::{RefundWish, left_to_give, request_refund};

/// Stores a refund, which a job makes: 202, 404, 409 `not-refundable`, 422.
#[tracing::instrument(name = "http.payments.refund", skip_all)]
pub(in crate::http) async fn refund(
    state: web::Data<AppState>,
    by: Actor,
    key: IdempotencyKey,
    id: web::Path<Uuid>,
    Json(request): Json<api::payment::RefundRequest>,
) -> Result<HttpResponse, ApiError> {
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
    let mut conn = state.database.get().await?;
    let answer = conn
        .transaction(async |conn| {
            match idempotency::claim(conn, &scope, &print, context.now).await? {
                Claim::Answered(answer) => return Ok(answer),
                Claim::Reused => return Err(ApiError::KeyReused),
                Claim::Running => return Err(ApiError::StillRunning),
                Claim::Fresh => {}
            }
            let payment = payments::lock(conn, *id).await?.ok_or(ApiError::UnknownPayment)?;
            let left = left_to_give(conn, &payment)
                .await?
                .ok_or(ApiError::NotRefundable)?;
            let amount: Money = wanted.unwrap_or(left);
            if amount.is_zero() || !left.covers(amount) {
                return Err(ApiError::NotRefundable);
            }
            let wish = RefundWish {
                reservation: payment.reservation,
                payment: Some(payment.id),
                amount,
                reason: RefundReason::Host.as_str().to_owned(),
            };
            let requested = request_refund(conn, &context, &wish).await?;
            let made = requested.refunds.first().ok_or(ApiError::NotRefundable)?;
            if let Some(reservation) = payment.reservation {
                let detail = json!({
                    "payment_id": payment.id, "refund_id": made.id, "amount": amount.decimal(),
                    "reason": request.reason,
                });
                timeline::append(conn, &context, reservation, "refund_requested", detail).await?;
            }
            let stored = refunds::find(conn, made.id)
                .await?
                .ok_or(ApiError::NotRefundable)?;
            let body = serde_json::to_value(refund_view(stored)).unwrap_or_default();
            let answer = Answer {
                status: 202,
                headers: json!({}),
                body,
            };
            idempotency::store(conn, &scope, &print, &answer, context.now).await?;
            Ok(answer)
        })
        .await?;
    state.metrics.refund(RefundState::Requested);
    state.refunds_due.nudge();
    Ok(HttpResponse::Accepted().json(answer.body))
}
