//! A person decides on parked money: credit it, give it back, or leave it; each is kept with its reason.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::code::ReservationCode;
use domain::payment::{PaymentState, RefundReason};
use storage::payment_links;
use storage::payments::{self, NewDecision, Resolution, StoredPayment};
use storage::{Context, timeline};
use uuid::Uuid;

use super::record::approved;
use super::request_refund::{RefundWish, is_credited, left_to_give, request_refund};

/// What a person decides.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    /// It pays for its reservation, or for this one.
    Credit(Option<ReservationCode>),
    /// What is left of it goes back.
    Refund,
    /// There is nothing to do.
    Dismiss,
}

impl Decision {
    fn name(&self) -> &'static str {
        match self {
            Self::Credit(_) => "credit",
            Self::Refund => "refund",
            Self::Dismiss => "dismiss",
        }
    }
}

/// Why a decision cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveParkedError {
    /// There is no such payment.
    #[error("there is no such payment")]
    Unknown,
    /// It does not wait for a person.
    #[error("the payment is not parked")]
    NotParked,
    /// The reservation to credit does not exist, or none is named.
    #[error("there is no reservation to credit")]
    NoReservation,
    /// It is not approved, so there is no money to decide on.
    #[error("the payment is {0}, not approved")]
    NotApproved(String),
    /// It is money of another currency than the reservation's.
    #[error("the payment is not in the reservation's currency")]
    WrongCurrency,
    /// It is part of another stay already.
    #[error("the payment is credited to another reservation")]
    CreditedElsewhere,
    /// Nothing of it is left.
    #[error("nothing of the payment is left to give back")]
    NothingLeft,
    /// The store's failure.
    #[error("resolve a parked payment")]
    Query(#[from] diesel::result::Error),
}

/// Carries out a decision on a parked payment and keeps it, with its reason, also on the reservation's timeline if
/// there is one.
pub(crate) async fn resolve_parked(
    conn: &mut AsyncPgConnection,
    context: &Context,
    payment: Uuid,
    decision: &Decision,
    reason: &str,
) -> Result<StoredPayment, ResolveParkedError> {
    conn.transaction(async |conn| {
        let parked = payments::lock(conn, payment)
            .await?
            .ok_or(ResolveParkedError::Unknown)?;
        if !parked.is_parked() {
            return Err(ResolveParkedError::NotParked);
        }
        let concerned = match decision {
            Decision::Credit(code) => Some(credit(conn, context, &parked, code.as_ref()).await?),
            Decision::Refund => {
                refund(conn, context, &parked).await?;
                parked.reservation
            }
            Decision::Dismiss => {
                payments::unpark(conn, parked.id, Some(Resolution::Dismissed), context.now).await?;
                parked.reservation
            }
        };
        let was_parked_for = parked.park_reason.as_deref().unwrap_or_default();
        let new = NewDecision {
            payment: parked.id,
            decision: decision.name(),
            reason,
            was_parked_for,
            reservation: concerned.filter(|_| matches!(decision, Decision::Credit(_))),
        };
        payments::keep_decision(conn, context, &new).await?;
        if let Some(reservation) = concerned {
            let detail = serde_json::json!({
                "payment_id": parked.id, "decision": decision.name(), "reason": reason,
                "was_parked_for": was_parked_for,
            });
            timeline::append(conn, context, reservation, "parked_payment_resolved", detail).await?;
        }
        payments::find(conn, parked.id)
            .await?
            .ok_or(ResolveParkedError::Unknown)
    })
    .await
}

/// The money is announced as approved, by the person's word instead of the guard's.
async fn credit(
    conn: &mut AsyncPgConnection,
    context: &Context,
    parked: &StoredPayment,
    code: Option<&ReservationCode>,
) -> Result<Uuid, ResolveParkedError> {
    require_approved(parked)?;
    let debtor = match (code, parked.reservation) {
        (Some(code), _) => payment_links::debtor_of(conn, code).await?,
        (None, Some(reservation)) => payment_links::debtor(conn, reservation).await?,
        (None, None) => None,
    };
    let debtor = debtor.ok_or(ResolveParkedError::NoReservation)?;
    if parked.currency != debtor.deposit.currency().code() {
        return Err(ResolveParkedError::WrongCurrency);
    }
    if is_credited(parked) && parked.reservation != Some(debtor.reservation) {
        return Err(ResolveParkedError::CreditedElsewhere);
    }
    payments::attach(conn, parked.id, debtor.reservation, context.now).await?;
    payments::unpark(conn, parked.id, None, context.now).await?;
    let stored = payments::find(conn, parked.id)
        .await?
        .ok_or(ResolveParkedError::Unknown)?;
    approved(conn, context, &stored, debtor.code.as_str()).await?;
    Ok(debtor.reservation)
}

/// A new refund of what is left, under a key of its own: the provider has answered the old one for good.
async fn refund(
    conn: &mut AsyncPgConnection,
    context: &Context,
    parked: &StoredPayment,
) -> Result<(), ResolveParkedError> {
    require_approved(parked)?;
    let left = left_to_give(conn, parked)
        .await?
        .ok_or(ResolveParkedError::WrongCurrency)?;
    if left.is_zero() {
        return Err(ResolveParkedError::NothingLeft);
    }
    payments::unpark(conn, parked.id, Some(Resolution::Refunded), context.now).await?;
    let wish = RefundWish {
        reservation: parked.reservation,
        payment: Some(parked.id),
        amount: left,
        reason: RefundReason::Host.as_str().to_owned(),
    };
    request_refund(conn, context, &wish).await?;
    Ok(())
}

fn require_approved(parked: &StoredPayment) -> Result<(), ResolveParkedError> {
    if parked.state == PaymentState::Approved {
        Ok(())
    } else {
        Err(ResolveParkedError::NotApproved(parked.state.as_str().to_owned()))
    }
}
