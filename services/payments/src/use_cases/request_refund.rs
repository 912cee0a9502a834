//! Money must go back: the refunds are stored here, before the provider hears of them.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::payment::{ParkReason, PaymentState};
use storage::payments::{self, Resolution, StoredPayment};
use storage::refunds::{self, NewRefund};
use storage::{Context, outbox};
use uuid::Uuid;

/// What must go back, and of which payments.
#[derive(Debug, Clone)]
pub(crate) struct RefundWish {
    /// Whose money it is.
    pub(crate) reservation: Option<Uuid>,
    /// Of this payment; `None`: of the payments that are credited to the reservation, newest first.
    pub(crate) payment: Option<Uuid>,
    /// How much in all.
    pub(crate) amount: Money,
    /// Why.
    pub(crate) reason: String,
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    /// The refunds to make.
    pub(crate) refunds: Vec<NewRefund>,
    /// What no payment can give back any more: nothing if all is well.
    pub(crate) missing: Money,
    /// The payment that a person must look at for that.
    pub(crate) parked: Option<Uuid>,
}

/// Stores the refunds of a wish, inside the caller's transaction; nothing is given back twice.
pub(crate) async fn request_refund(
    conn: &mut AsyncPgConnection,
    context: &Context,
    wish: &RefundWish,
) -> QueryResult<Requested> {
    let mut missing = wish.amount;
    let mut requested = Vec::new();
    let payments = candidates(conn, wish).await?;
    for payment in &payments {
        if missing.is_zero() {
            break;
        }
        if payment.state != PaymentState::Approved {
            continue;
        }
        let Some(left) = left_to_give(conn, payment).await? else {
            continue;
        };
        let amount = if left.covers(missing) { missing } else { left };
        if amount.is_zero() || amount.currency() != missing.currency() {
            continue;
        }
        let refund = NewRefund {
            id: outbox::new_id(context.now),
            payment: payment.id,
            reservation: wish.reservation.or(payment.reservation),
            amount,
            reason: wish.reason.clone(),
            actor: context.actor.to_string(),
        };
        refunds::insert(conn, &refund, context.now).await?;
        // Of money that nobody has judged yet, what stays must still be judged.
        if amount == left {
            payments::resolve(conn, payment.id, Resolution::Refunded, context.now).await?;
        }
        missing = missing.less(amount).unwrap_or(missing);
        requested.push(refund);
    }
    let parked = if missing.is_zero() {
        None
    } else {
        park_what_cannot_go(conn, context, &payments).await?
    };
    Ok(Requested {
        refunds: requested,
        missing,
        parked,
    })
}

/// Money that should go back is in a payment that is disputed, or otherwise not approved now: a person must look. What
/// has gone back already is nobody's matter.
async fn park_what_cannot_go(
    conn: &mut AsyncPgConnection,
    context: &Context,
    payments: &[StoredPayment],
) -> QueryResult<Option<Uuid>> {
    let held = payments.iter().find(|payment| {
        !matches!(payment.state, PaymentState::Approved | PaymentState::Refunded)
            && payment.refunded_minor < payment.amount_minor
            && payment.resolution.is_some()
    });
    if let Some(payment) = held {
        payments::park(conn, payment.id, ParkReason::RefundRefused, context.now).await?;
    }
    Ok(held.map(|payment| payment.id))
}

/// The payments that money may go back of, newest first, locked against a second wish beside this one.
async fn candidates(conn: &mut AsyncPgConnection, wish: &RefundWish) -> QueryResult<Vec<StoredPayment>> {
    let ids = match (wish.payment, wish.reservation) {
        (Some(payment), _) => vec![payment],
        (None, Some(reservation)) => {
            let all = payments::of_reservation(conn, reservation).await?;
            let credited = all.iter().rev().filter(|payment| is_credited(payment));
            credited.map(|payment| payment.id).collect()
        }
        (None, None) => Vec::new(),
    };
    let mut locked = Vec::new();
    for id in ids {
        locked.extend(payments::lock(conn, id).await?);
    }
    Ok(locked)
}

/// Whether it is part of what its reservation has been paid; other money is judged by itself.
pub(crate) fn is_credited(payment: &StoredPayment) -> bool {
    matches!(
        payment.resolution,
        Some(Resolution::Confirmed | Resolution::Revived | Resolution::PartiallyPaid)
    )
}

/// What of a payment has neither gone back nor is on its way.
pub(crate) async fn left_to_give(
    conn: &mut AsyncPgConnection,
    payment: &StoredPayment,
) -> QueryResult<Option<Money>> {
    let committed = refunds::committed_minor(conn, payment.id).await?;
    let gone = committed.max(payment.refunded_minor);
    let left = payment.amount_minor.saturating_sub(gone).max(0);
    Ok(payment
        .amount()
        .and_then(|amount| Money::new(left, amount.currency()).ok()))
}
