//! A person of the house gives money back: stored with its answer, then made by a job.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::money::Money;
use domain::payment::RefundReason;
use serde_json::json;
use storage::idempotency::{self, Answer, Claim, Scope};
use storage::refunds::{self, StoredRefund};
use storage::{Context, payments, timeline};
use uuid::Uuid;

use super::request_refund::{RefundWish, left_to_give, request_refund};

/// A request that may come again.
pub(crate) struct Once<'a> {
    /// What its key is unique within.
    pub(crate) scope: &'a Scope,
    /// What it asks for.
    pub(crate) fingerprint: &'a [u8],
}

/// What a person wants.
pub(crate) struct HostWish<'a> {
    /// Of which payment.
    pub(crate) payment: Uuid,
    /// How much; `None`: all that is left.
    pub(crate) amount: Option<Money>,
    /// Why, for the timeline.
    pub(crate) reason: &'a str,
}

/// Why no refund is stored. A refusal does not use up the request's key: more may be left when it comes again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefundByHostError {
    /// There is no such payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// Nothing, or not so much, is left to give back.
    #[error("not so much is left to give back")]
    NotRefundable,
    /// The same request is running.
    #[error("the same request is running")]
    StillRunning,
    /// The key belongs to another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The store's failure.
    #[error("store a refund")]
    Query(#[from] diesel::result::Error),
}

/// Stores the refund and its answer, which `answer` writes, in one transaction; a repeated request gets the answer.
pub(crate) async fn refund_by_host(
    conn: &mut AsyncPgConnection,
    context: &Context,
    once: &Once<'_>,
    wish: &HostWish<'_>,
    answer: fn(StoredRefund) -> Answer,
) -> Result<Answer, RefundByHostError> {
    conn.transaction(async |conn| {
        match idempotency::claim(conn, once.scope, once.fingerprint, context.now).await? {
            Claim::Answered(answer) => return Ok(answer),
            Claim::Reused => return Err(RefundByHostError::KeyReused),
            Claim::Running => return Err(RefundByHostError::StillRunning),
            Claim::Fresh => {}
        }
        let refund = store(conn, context, wish).await?;
        let answer = answer(refund);
        idempotency::store(conn, once.scope, once.fingerprint, &answer, context.now).await?;
        Ok(answer)
    })
    .await
}

async fn store(
    conn: &mut AsyncPgConnection,
    context: &Context,
    wish: &HostWish<'_>,
) -> Result<StoredRefund, RefundByHostError> {
    let payment = payments::lock(conn, wish.payment)
        .await?
        .ok_or(RefundByHostError::UnknownPayment)?;
    let left = left_to_give(conn, &payment)
        .await?
        .ok_or(RefundByHostError::NotRefundable)?;
    let amount = wish.amount.unwrap_or(left);
    if amount.is_zero() || amount.currency() != left.currency() || !left.covers(amount) {
        return Err(RefundByHostError::NotRefundable);
    }
    let refund = RefundWish {
        reservation: payment.reservation,
        payment: Some(payment.id),
        amount,
        reason: RefundReason::Host.as_str().to_owned(),
    };
    let requested = request_refund(conn, context, &refund).await?;
    let made = requested
        .refunds
        .first()
        .ok_or(RefundByHostError::NotRefundable)?;
    if let Some(reservation) = payment.reservation {
        let detail = json!({
            "payment_id": payment.id, "refund_id": made.id, "amount": amount.decimal(), "reason": wish.reason,
        });
        timeline::append(conn, context, reservation, "refund_requested", detail).await?;
    }
    refunds::find(conn, made.id)
        .await?
        .ok_or(RefundByHostError::NotRefundable)
}
