//! Calling a reservation off: the nights are free at once, and money goes back as the policy or the staff says.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::money::{Money, MoneyError};
use domain::payment::{ParkReason, PaymentState, RefundReason};
use domain::reservation::{self, Actor, CancelError, Cancellation, Status};
use events::v1::{ReservationCancelled, ReservationRefundRequested};
use serde_json::json;
use storage::payments::{self, Resolution};
use storage::reservations::{self, Reservation};
use storage::{Context, outbox, timeline};
use time::Date;
use uuid::Uuid;

use super::house_day::house_day;

/// What goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// What the policy says that the stay was sold with; all of it for a hold that was never confirmed.
    Policy,
    /// All that was paid.
    Full,
    /// Nothing.
    None,
}

/// A reservation that is called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// As it stands now.
    pub reservation: Reservation,
    /// What goes back by its cancellation, this one or the one before.
    pub refund: Money,
    /// False if it had been called off before.
    pub changed: bool,
}

/// Why a reservation cannot be called off.
#[derive(Debug, thiserror::Error)]
pub enum CancelReservationError {
    /// There is none such.
    #[error("there is no such reservation")]
    Unknown,
    /// It has ended.
    #[error("it cannot be called off")]
    Refused(#[source] CancelError),
    /// The guest is already there.
    #[error("the stay has begun")]
    Begun,
    /// The share cannot be reckoned.
    #[error("reckon the refund")]
    Money(#[from] MoneyError),
    /// The store's failure.
    #[error("cancel a reservation")]
    Store(#[from] DieselError),
}

/// Calls the reservation `id` off and announces `reservation.cancelled.v1`, and `reservation.refund_requested.v1` if
/// money goes back. Doing it twice changes nothing, and gives the same.
///
/// # Errors
///
/// [`CancelReservationError`].
pub async fn cancel_reservation(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
    reason: &str,
    refund: Refund,
) -> Result<Cancelled, CancelReservationError> {
    conn.transaction(async |conn| {
        let locked = reservations::lock(conn, id).await?;
        let (lodging, found) = locked.ok_or(CancelReservationError::Unknown)?;
        let today = house_day(&lodging.time_zone, context.now);
        match reservation::cancel(found.status).map_err(CancelReservationError::Refused)? {
            Cancellation::AlreadyCancelled => {
                return Ok(Cancelled {
                    refund: refunded_before(conn, &found).await?,
                    reservation: found,
                    changed: false,
                });
            }
            Cancellation::Cancels => {}
        }
        let begun = found.status == Status::Confirmed && found.stay.check_in() < today;
        if begun && context.actor == Actor::Guest {
            return Err(CancelReservationError::Begun);
        }
        let amount = refund_of(&found, refund, today)?;
        reservations::end(conn, id, found.status, Status::Cancelled, context.now).await?;
        if refund != Refund::None {
            park_disputed(conn, context, id).await?;
        }
        announce(conn, context, &found, reason, refund, amount).await?;
        let reservation = Reservation {
            status: Status::Cancelled,
            updated_at: context.now,
            ..found
        };
        Ok(Cancelled {
            reservation,
            refund: amount,
            changed: true,
        })
    })
    .await
}

/// What went back when `cancelled` was called off, as its timeline tells.
async fn refunded_before(
    conn: &AsyncPgConnection,
    cancelled: &Reservation,
) -> Result<Money, CancelReservationError> {
    let detail = timeline::last_detail(conn, cancelled.id, "cancelled").await?;
    let minor = detail.and_then(|detail| detail.get("refund_minor")?.as_i64());
    Ok(Money::new(minor.unwrap_or(0), cancelled.paid.currency())?)
}

/// Money that somebody disputes cannot go back now: a person decides what becomes of it when the dispute ends.
async fn park_disputed(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: Uuid,
) -> Result<(), DieselError> {
    for payment in payments::of_reservation(conn, reservation).await? {
        let disputed = matches!(
            payment.state,
            PaymentState::InMediation | PaymentState::ChargedBack
        );
        let credited = payment
            .resolution
            .is_some_and(|resolution| resolution != Resolution::Refunded);
        if !disputed || !credited || payment.is_parked() {
            continue;
        }
        let reason = ParkReason::RefundRefused;
        payments::park(conn, payment.id, reason, context.now).await?;
        let detail = json!({ "payment_id": payment.id, "reason": reason.as_str() });
        timeline::append(conn, context, reservation, "payment_parked", detail).await?;
    }
    Ok(())
}

/// What would go back if `reservation` were called off on `today`, a day of the house.
///
/// # Errors
///
/// [`MoneyError::Overflow`].
pub fn refund_of(reservation: &Reservation, refund: Refund, today: Date) -> Result<Money, MoneyError> {
    let paid = reservation.paid;
    match refund {
        Refund::None => Ok(Money::zero(paid.currency())),
        Refund::Full => Ok(paid),
        Refund::Policy if reservation.status == Status::PreReserved => Ok(paid),
        Refund::Policy => reservation
            .quote
            .cancellation
            .refund(paid, reservation.stay.check_in(), today),
    }
}

async fn announce(
    conn: &AsyncPgConnection,
    context: &Context,
    found: &Reservation,
    reason: &str,
    refund: Refund,
    amount: Money,
) -> Result<(), DieselError> {
    let by = match context.actor {
        Actor::Guest => "guest",
        Actor::Staff(_) => "staff",
        Actor::System(_) => "system",
    };
    let detail = json!({ "reason": reason, "was": found.status.as_str(), "refund_minor": amount.minor() });
    timeline::append(conn, context, found.id, "cancelled", detail).await?;
    let event = ReservationCancelled {
        reservation: Some(found.facts()),
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    outbox::append(conn, context, &event).await?;
    if amount.is_zero() {
        return Ok(());
    }
    let why = match refund {
        Refund::Policy | Refund::None => RefundReason::CancelledByPolicy,
        Refund::Full => RefundReason::Host,
    };
    let event = ReservationRefundRequested {
        reservation: Some(found.facts()),
        payment_id: String::new(),
        amount: Some(amount.into()),
        reason: why.as_str().to_owned(),
    };
    let detail = json!({ "reason": why.as_str(), "amount_minor": amount.minor() });
    timeline::append(conn, context, found.id, "refund_requested", detail).await?;
    outbox::append(conn, context, &event).await?;
    Ok(())
}
