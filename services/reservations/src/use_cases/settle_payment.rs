//! What approved money does to a reservation: it confirms, completes part, revives, or goes back; never nothing.

use diesel::result::Error as DieselError;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::payment::{Debt, ParkReason, PaymentState, RefundReason, Settlement, settle};
use domain::reservation::{PaymentStatus, Status};
use events::v1::{ReservationConfirmed, ReservationRefundRequested};
use serde_json::json;
use storage::accommodations::Locked;
use storage::payments::{self, Resolution, StoredPayment};
use storage::reservations::{self, ConfirmError, MoneyChange, Reservation};
use storage::{Context, outbox, timeline};
use time::OffsetDateTime;
use uuid::Uuid;

use super::house_day::house_day;
use super::money_of;

/// What became of the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It confirmed the stay.
    Confirmed {
        /// The stay.
        reservation: Box<Reservation>,
        /// Whether the hold had ended and its nights were still free.
        revived: bool,
        /// When the provider approved the payment.
        approved_at: Option<OffsetDateTime>,
    },
    /// It is credited to a stay that was confirmed before it came.
    Credited,
    /// It is part of a deposit.
    PartiallyPaid,
    /// It goes back.
    Refunding {
        /// Why.
        reason: RefundReason,
        /// Whether it came after its hold had ended.
        late: bool,
    },
    /// It is in another currency than the stay: a person must look.
    Parked,
    /// It was judged before, is not approved any more, or has all gone back.
    Nothing,
}

/// Why money could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum SettlePaymentError {
    /// No such payment is stored, or its reservation is not.
    #[error("the payment or its reservation is unknown")]
    Unknown,
    /// Its nights went to another, or it changed, at this very moment: judge again.
    #[error("the reservation changed while its payment was judged")]
    Raced(#[source] ConfirmError),
    /// The store's failure.
    #[error("settle a payment")]
    Store(#[from] DieselError),
}

impl From<ConfirmError> for SettlePaymentError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Query(error) => Self::Store(error),
            raced => Self::Raced(raced),
        }
    }
}

/// Judges the approved payment `id` under the lodging's lock, once, in the caller's transaction.
///
/// What is stored of the payment counts, not what an event said: it may have gone back since.
///
/// # Errors
///
/// [`SettlePaymentError`].
pub async fn settle_payment(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
) -> Result<Settled, SettlePaymentError> {
    let seen = payments::find(conn, id)
        .await?
        .ok_or(SettlePaymentError::Unknown)?;
    let reservation = seen.reservation.ok_or(SettlePaymentError::Unknown)?;
    let locked = reservations::lock(conn, reservation).await?;
    let (lodging, reservation) = locked.ok_or(SettlePaymentError::Unknown)?;
    let payment = payments::lock(conn, id)
        .await?
        .ok_or(SettlePaymentError::Unknown)?;
    if payment.resolution.is_some() {
        restore(conn, context, &reservation).await?;
        return Ok(Settled::Nothing);
    }
    if payment.state != PaymentState::Approved {
        return Ok(Settled::Nothing);
    }
    match payment.left() {
        Some(left) if left.is_zero() => {
            payments::resolve(conn, id, Resolution::Refunded, context.now).await?;
            Ok(Settled::Nothing)
        }
        Some(left) if left.currency() == reservation.deposit.currency() => {
            judge(conn, context, &lodging, reservation, &payment, left).await
        }
        // Of another currency, or of none that the house knows.
        Some(_) | None => {
            payments::park(conn, id, ParkReason::WrongCurrency, context.now).await?;
            Ok(Settled::Parked)
        }
    }
}

async fn judge(
    conn: &mut AsyncPgConnection,
    context: &Context,
    lodging: &Locked,
    reservation: Reservation,
    payment: &StoredPayment,
    incoming: Money,
) -> Result<Settled, SettlePaymentError> {
    let before = money_of::paid_without(conn, &reservation, payment.id).await?;
    let ended = matches!(reservation.status, Status::Cancelled | Status::Expired);
    let nights_free = ended && can_live_again(conn, context, lodging, &reservation).await?;
    let debt = Debt {
        status: reservation.status,
        nights_free,
        deposit: reservation.deposit,
        // What an ended reservation had been paid was dealt with when it ended.
        paid: if ended {
            Money::zero(before.currency())
        } else {
            before
        },
    };
    let entry = Entry { payment, incoming };
    match settle(&debt, incoming) {
        Settlement::Confirms { overpaid } => {
            let settled = confirm(conn, context, reservation, &entry, overpaid).await?;
            Ok(settled)
        }
        Settlement::Revives { overpaid } => confirm(conn, context, reservation, &entry, overpaid).await,
        Settlement::PartiallyPays { missing } => {
            resolve(conn, context, &reservation, &entry, Resolution::PartiallyPaid).await?;
            let detail = entry.detail(json!({ "missing_minor": missing.minor() }));
            timeline::append(conn, context, reservation.id, "partially_paid", detail).await?;
            Ok(Settled::PartiallyPaid)
        }
        Settlement::Refunds(reason) => {
            refund(conn, context, &reservation, &entry, reason).await?;
            Ok(Settled::Refunding { reason, late: ended })
        }
    }
}

/// The money at hand.
struct Entry<'a> {
    payment: &'a StoredPayment,
    incoming: Money,
}

impl Entry<'_> {
    fn detail(&self, mut more: serde_json::Value) -> serde_json::Value {
        if let Some(members) = more.as_object_mut() {
            members.insert("payment_id".to_owned(), self.payment.id.to_string().into());
            members.insert("amount_minor".to_owned(), self.incoming.minor().into());
            members.insert("currency".to_owned(), self.incoming.currency().code().into());
        }
        more
    }
}

/// Whether an ended reservation may have its nights again.
async fn can_live_again(
    conn: &mut AsyncPgConnection,
    context: &Context,
    lodging: &Locked,
    reservation: &Reservation,
) -> Result<bool, DieselError> {
    if !lodging.active || reservation.stay.check_in() < house_day(&lodging.time_zone, context.now) {
        return Ok(false);
    }
    reservations::free_for(conn, reservation.accommodation, reservation.stay, reservation.id).await
}

/// Confirms a hold, an ended reservation, or one that a person had confirmed before its money came.
async fn confirm(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: Reservation,
    entry: &Entry<'_>,
    overpaid: bool,
) -> Result<Settled, SettlePaymentError> {
    let (from, id) = (reservation.status, reservation.id);
    let was_confirmed = matches!(from, Status::Confirmed | Status::Completed | Status::NoShow);
    let revived = matches!(from, Status::Cancelled | Status::Expired);
    if !was_confirmed {
        reservations::confirm(conn, id, from, context.now).await?;
    }
    let resolution = if revived {
        Resolution::Revived
    } else {
        Resolution::Confirmed
    };
    let paid = resolve(conn, context, &reservation, entry, resolution).await?;
    let kind = match (was_confirmed, revived) {
        (true, _) => "payment_credited",
        (false, true) => "revived",
        (false, false) => "confirmed",
    };
    let detail = entry.detail(json!({ "overpaid": overpaid, "paid_minor": paid.minor() }));
    timeline::append(conn, context, id, kind, detail).await?;
    if was_confirmed {
        return Ok(Settled::Credited);
    }
    let event = ReservationConfirmed {
        reservation: Some(reservation.facts()),
        paid: Some(paid.into()),
        payment_id: entry.payment.id.to_string(),
        revived,
    };
    outbox::append(conn, context, &event).await?;
    let confirmed = Reservation {
        status: Status::Confirmed,
        paid,
        ..reservation
    };
    Ok(Settled::Confirmed {
        reservation: Box::new(confirmed),
        revived,
        approved_at: entry.payment.provider_approved_at,
    })
}

/// Credits the money, and gives what the reservation has been paid now.
async fn resolve(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: &Reservation,
    entry: &Entry<'_>,
    resolution: Resolution,
) -> Result<Money, DieselError> {
    payments::resolve(conn, entry.payment.id, resolution, context.now).await?;
    let paid = money_of::paid(conn, reservation).await?;
    let money = MoneyChange {
        paid,
        status: money_of::status(paid, reservation.deposit),
    };
    reservations::set_money(conn, reservation.id, money, context.now).await?;
    Ok(paid)
}

async fn refund(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: &Reservation,
    entry: &Entry<'_>,
    reason: RefundReason,
) -> Result<(), DieselError> {
    payments::resolve(conn, entry.payment.id, Resolution::Refunded, context.now).await?;
    let detail = entry.detail(json!({ "reason": reason.as_str() }));
    timeline::append(conn, context, reservation.id, "refund_requested", detail).await?;
    let event = ReservationRefundRequested {
        reservation: Some(reservation.facts()),
        payment_id: entry.payment.id.to_string(),
        amount: Some(entry.incoming.into()),
        reason: reason.as_str().to_owned(),
    };
    outbox::append(conn, context, &event).await?;
    Ok(())
}

/// Approved again after a dispute: the money counts again, whatever else has been paid meanwhile.
async fn restore(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: &Reservation,
) -> Result<(), DieselError> {
    let paid = money_of::paid(conn, reservation).await?;
    let disputed = reservation.payment_status == PaymentStatus::Disputed;
    if !disputed && paid == reservation.paid {
        return Ok(());
    }
    let money = MoneyChange {
        paid,
        status: money_of::status(paid, reservation.deposit),
    };
    reservations::set_money(conn, reservation.id, money, context.now).await?;
    let kind = if disputed {
        "dispute_ended"
    } else {
        "paid_recounted"
    };
    let detail = json!({ "paid_minor": paid.minor() });
    timeline::append(conn, context, reservation.id, kind, detail).await
}
