//! What follows from a newer reading: pure.

use domain::money::Money;
use domain::payment::{Evidence, ParkReason, PaymentState, guard};
use storage::payment_links::Debtor;
use storage::payments::{Resolution, StoredPayment};

/// A payment before and after a reading, and whose debt it pays.
pub(super) struct Situation<'a> {
    pub(super) known: Option<&'a StoredPayment>,
    pub(super) stored: &'a StoredPayment,
    pub(super) debtor: Option<&'a Debtor>,
    pub(super) collector: Option<&'a str>,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nobody needs to know.
    Nothing,
    /// Real money of ours: `payment.approved.v1`.
    Approved,
    /// `payment.pending.v1`.
    Pending,
    /// `payment.rejected.v1`.
    Rejected,
    /// So much more has gone back: `payment.refunded.v1`.
    Refunded(Money),
    /// `payment.disputed.v1`.
    Disputed,
    /// For a person.
    Park(ParkReason),
}

pub(super) fn consequence(situation: &Situation<'_>) -> Consequence {
    let (known, stored) = (situation.known, situation.stored);
    let moved = known.is_none_or(|known| known.state != stored.state);
    let was_approved = known.is_some_and(|known| known.state == PaymentState::Approved);
    match &stored.state {
        PaymentState::Pending
        | PaymentState::InProcess
        | PaymentState::Authorized
        | PaymentState::Rejected
        | PaymentState::Cancelled
            if was_approved =>
        {
            Consequence::Park(ParkReason::NoLongerApproved)
        }
        PaymentState::Unknown(_) => Consequence::Park(ParkReason::UnknownState),
        PaymentState::Approved => approved(situation, moved),
        PaymentState::Refunded => match gone_back(situation) {
            // Money that we never knew of came and went; nobody was told of it.
            Some(amount) if known.is_some() => Consequence::Refunded(amount),
            _ => Consequence::Nothing,
        },
        PaymentState::ChargedBack | PaymentState::InMediation => {
            let same_words = known.is_some_and(|known| known.state_detail == stored.state_detail);
            if moved || !same_words {
                Consequence::Disputed
            } else {
                Consequence::Nothing
            }
        }
        PaymentState::Pending | PaymentState::InProcess | PaymentState::Authorized if moved => {
            Consequence::Pending
        }
        PaymentState::Rejected | PaymentState::Cancelled if moved => Consequence::Rejected,
        PaymentState::Pending
        | PaymentState::InProcess
        | PaymentState::Authorized
        | PaymentState::Rejected
        | PaymentState::Cancelled => Consequence::Nothing,
    }
}

fn approved(situation: &Situation<'_>, moved: bool) -> Consequence {
    let stored = situation.stored;
    // Money that was judged before, by the guard or by a person, is not judged again; what goes back of it is told.
    if is_judged(stored) {
        return match gone_back(situation) {
            Some(amount) if !moved => Consequence::Refunded(amount),
            None if !moved => Consequence::Nothing,
            _ => Consequence::Approved,
        };
    }
    let Some(debtor) = situation.debtor else {
        return Consequence::Park(ParkReason::UnknownReservation);
    };
    let Some(left) = stored.left() else {
        return Consequence::Park(ParkReason::WrongCurrency);
    };
    let evidence = Evidence {
        amount: left,
        collector: &stored.collector_id,
        operation: &stored.operation_type,
    };
    if let Err(reason) = guard(&evidence, debtor.deposit.currency(), situation.collector) {
        return Consequence::Park(reason);
    }
    if moved || gone_back(situation).is_some() {
        Consequence::Approved
    } else {
        Consequence::Nothing
    }
}

/// Whether it is settled what becomes of the money, and no question about it is open.
fn is_judged(stored: &StoredPayment) -> bool {
    match stored.resolution {
        Some(
            Resolution::Confirmed | Resolution::Revived | Resolution::PartiallyPaid | Resolution::Refunded,
        ) => true,
        Some(Resolution::Parked | Resolution::Dismissed) | None => false,
    }
}

/// How much more has gone back than we knew.
fn gone_back(situation: &Situation<'_>) -> Option<Money> {
    let stored = situation.stored;
    let before = situation.known.map_or(0, |known| known.refunded_minor);
    let refunded = if stored.state == PaymentState::Refunded {
        stored.amount_minor
    } else {
        stored.refunded_minor
    };
    let currency = stored.amount()?.currency();
    Money::new(refunded.saturating_sub(before), currency)
        .ok()
        .filter(|amount| !amount.is_zero())
}

/// What becomes of money that the provider has given back whole.
pub(super) fn resolution_of_refunded(stored: &StoredPayment) -> Option<Resolution> {
    let whole = stored.state == PaymentState::Refunded || stored.refunded_minor == stored.amount_minor;
    whole.then_some(Resolution::Refunded)
}
