//! Consequences carried out: events, and the parking lot.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::payment::ParkReason;
use events::v1;
use storage::payments::{self, StoredPayment};
use storage::refunds::{self, RefundState};
use storage::{Context, outbox, timeline};

use super::consequence::{Consequence, Situation, resolution_of_refunded};
use crate::use_cases::ensure_link::rfc3339;

/// Does what follows, inside the caller's transaction; gives the reason if the payment was parked by it.
pub(super) async fn carry_out(
    conn: &mut AsyncPgConnection,
    context: &Context,
    situation: &Situation<'_>,
    consequence: Consequence,
) -> QueryResult<Option<ParkReason>> {
    let stored = situation.stored;
    if let Consequence::Park(reason) = consequence {
        // What a person has decided stays decided until the money moves again.
        let still = situation.known.is_some_and(|known| known.state == stored.state);
        let asked = stored.park_reason.as_deref() == Some(reason.as_str());
        if still && asked && stored.dismissed_at.is_some() {
            return Ok(None);
        }
        return park(conn, context, stored, reason).await;
    }
    // A newer reading that needs no person makes the old question idle.
    if stored.is_parked() && stored.park_reason.as_deref() != Some(ParkReason::RefundRefused.as_str()) {
        payments::unpark(conn, stored.id, resolution_of_refunded(stored), context.now).await?;
    }
    if let Some(resolution) = resolution_of_refunded(stored) {
        if stored.is_parked() {
            payments::unpark(conn, stored.id, Some(resolution), context.now).await?;
        }
        payments::resolve(conn, stored.id, resolution, context.now).await?;
    }
    let Some(debtor) = situation.debtor else {
        return Ok(None);
    };
    let payment = payment_message(stored, debtor.code.as_str());
    match consequence {
        Consequence::Nothing | Consequence::Park(_) => {}
        Consequence::Approved => {
            outbox::append(conn, context, &v1::PaymentApproved { payment }).await?;
        }
        Consequence::Pending => {
            outbox::append(conn, context, &v1::PaymentPending { payment }).await?;
        }
        Consequence::Rejected => {
            outbox::append(conn, context, &v1::PaymentRejected { payment }).await?;
        }
        Consequence::Disputed => {
            outbox::append(conn, context, &v1::PaymentDisputed { payment }).await?;
        }
        Consequence::Refunded(amount) => {
            let reason = our_reason(conn, stored, amount).await?;
            let amount = Some(amount.into());
            outbox::append(
                conn,
                context,
                &v1::PaymentRefunded {
                    payment,
                    amount,
                    reason,
                },
            )
            .await?;
        }
    }
    Ok(None)
}

/// Announces an approved payment: real money of ours, by the guard.
pub(crate) async fn approved(
    conn: &mut AsyncPgConnection,
    context: &Context,
    stored: &StoredPayment,
    code: &str,
) -> QueryResult<()> {
    let payment = payment_message(stored, code);
    outbox::append(conn, context, &v1::PaymentApproved { payment }).await?;
    Ok(())
}

/// Parks once a reason: a payment that waits for the same decision already is not told again.
async fn park(
    conn: &mut AsyncPgConnection,
    context: &Context,
    stored: &StoredPayment,
    reason: ParkReason,
) -> QueryResult<Option<ParkReason>> {
    if stored.is_parked() && stored.park_reason.as_deref() == Some(reason.as_str()) {
        return Ok(None);
    }
    payments::park(conn, stored.id, reason, context.now).await?;
    if let Some(reservation) = stored.reservation {
        let detail = serde_json::json!({ "payment_id": stored.id, "reason": reason.as_str() });
        timeline::append(conn, context, reservation, "payment_parked", detail).await?;
    }
    Ok(Some(reason))
}

/// Why money went back, if a refund of ours did it; empty if it happened at the provider.
async fn our_reason(
    conn: &mut AsyncPgConnection,
    stored: &StoredPayment,
    amount: Money,
) -> QueryResult<String> {
    let ours = refunds::of_payment(conn, stored.id).await?;
    let mut live = ours
        .iter()
        .rev()
        .filter(|refund| refund.state != RefundState::Refused);
    let exact = live.clone().find(|refund| refund.amount == amount);
    Ok(exact
        .or_else(|| live.next())
        .map(|refund| refund.reason.clone())
        .unwrap_or_default())
}

/// A payment as events carry it.
pub(crate) fn payment_message(stored: &StoredPayment, code: &str) -> Option<v1::Payment> {
    Some(v1::Payment {
        id: stored.id.to_string(),
        provider_payment_id: stored.provider_payment_id.clone(),
        reservation_id: stored.reservation?.to_string(),
        reservation_code: code.to_owned(),
        amount: Some(stored.amount()?.into()),
        refunded: Some(stored.refunded()?.into()),
        state: stored.state.as_str().to_owned(),
        state_detail: stored.state_detail.clone(),
        provider_updated_at: rfc3339(stored.provider_updated_at),
    })
}
