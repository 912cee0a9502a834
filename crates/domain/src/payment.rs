//! Money that a provider reports: how it moves, whether it may be credited, and what it does to a stay.

use time::OffsetDateTime;

use crate::money::{Currency, Money};
use crate::reservation::Status;

/// Where a payment stands at the provider.
///
/// Source: the Mercado Pago contract, section 6.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Waiting for the payer.
    Pending,
    /// The provider is looking at it; up to two working days.
    InProcess,
    /// Reserved on the card, not paid.
    Authorized,
    /// Paid.
    Approved,
    /// This attempt failed; the payer may try again.
    Rejected,
    /// Given up, by time or by somebody.
    Cancelled,
    /// All of it has gone back.
    Refunded,
    /// Taken back by the card's bank.
    ChargedBack,
    /// Disputed at the provider.
    InMediation,
    /// A word that we do not know: for a person, and never a success.
    Unknown(String),
}

impl PaymentState {
    /// The provider's word, which is also ours in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::InProcess => "in_process",
            Self::Authorized => "authorized",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged_back",
            Self::InMediation => "in_mediation",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for PaymentState {
    fn from(word: &str) -> Self {
        let known = [
            Self::Pending,
            Self::InProcess,
            Self::Authorized,
            Self::Approved,
            Self::Rejected,
            Self::Cancelled,
            Self::Refunded,
            Self::ChargedBack,
            Self::InMediation,
        ];
        known
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or_else(|| Self::Unknown(word.to_owned()))
    }
}

/// What of a payment moves: its state, the money gone back, and the provider's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The provider's `date_last_updated`.
    pub updated_at: OffsetDateTime,
    /// Its state.
    pub state: PaymentState,
    /// What of the amount has gone back.
    pub refunded: Money,
}

/// Whether a re-read `found` replaces what is `stored`: only news by the provider's clock does.
///
/// Of two versions with one time, the later state wins, since the provider's clock has whole milliseconds.
#[must_use]
pub fn advances(stored: &Version, found: &Version) -> bool {
    let rank = |version: &Version| {
        (
            version.updated_at,
            order(&version.state),
            version.refunded.minor(),
        )
    };
    rank(stored) < rank(found)
}

/// The usual order of the states of one payment.
fn order(state: &PaymentState) -> u8 {
    match state {
        PaymentState::Unknown(_) => 0,
        PaymentState::Pending => 1,
        PaymentState::InProcess => 2,
        PaymentState::Authorized => 3,
        PaymentState::Rejected => 4,
        PaymentState::Cancelled => 5,
        PaymentState::Approved => 6,
        PaymentState::InMediation => 7,
        PaymentState::ChargedBack => 8,
        PaymentState::Refunded => 9,
    }
}

/// What the guard looks at in an approved payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The amount less what has gone back.
    pub amount: Money,
    /// Whose account the money is in.
    pub collector: &'a str,
    /// `regular_payment`, unless the provider moved something else.
    pub operation: &'a str,
}

/// Why money waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParkReason {
    /// Its reference names no reservation of ours.
    UnknownReservation,
    /// It is not in the reservation's currency.
    WrongCurrency,
    /// It went to another account.
    WrongCollector,
    /// It is not a regular payment.
    WrongOperation,
    /// The provider uses a word that we do not know.
    UnknownState,
    /// The provider told no amount, or not when it changed.
    Incomplete,
    /// The provider refused to give it back.
    RefundRefused,
    /// Approved money is no longer, in a way that the provider's own rules do not have.
    NoLongerApproved,
}

impl ParkReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::UnknownReservation,
        Self::WrongCurrency,
        Self::WrongCollector,
        Self::WrongOperation,
        Self::UnknownState,
        Self::Incomplete,
        Self::RefundRefused,
        Self::NoLongerApproved,
    ];

    /// The name in the database and in alerts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownReservation => "unknown_reservation",
            Self::WrongCurrency => "wrong_currency",
            Self::WrongCollector => "wrong_collector",
            Self::WrongOperation => "wrong_operation",
            Self::UnknownState => "unknown_state",
            Self::Incomplete => "incomplete",
            Self::RefundRefused => "refund_refused",
            Self::NoLongerApproved => "no_longer_approved",
        }
    }
}

/// Whether approved money is real and ours: its currency, account and operation; how much is [`settle`]'s matter.
///
/// # Errors
///
/// The [`ParkReason`] for which a person must look.
pub fn guard(
    evidence: &Evidence<'_>,
    currency: Currency,
    our_collector: Option<&str>,
) -> Result<Money, ParkReason> {
    if evidence.amount.currency() != currency {
        return Err(ParkReason::WrongCurrency);
    }
    if our_collector.is_some_and(|ours| ours != evidence.collector) {
        return Err(ParkReason::WrongCollector);
    }
    if evidence.operation != "regular_payment" {
        return Err(ParkReason::WrongOperation);
    }
    Ok(evidence.amount)
}

/// A reservation as approved money finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debt {
    /// Where the reservation stands.
    pub status: Status,
    /// Whether its nights are free of any other stay and of imported blocks.
    pub nights_free: bool,
    /// What confirms it.
    pub deposit: Money,
    /// What other payments have brought before and not taken back.
    pub paid: Money,
}

/// What approved money does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The hold becomes a confirmed stay; `overpaid` is flagged for the host.
    Confirms {
        /// More came than was asked for.
        overpaid: bool,
    },
    /// The hold stays, and the rest is still owed.
    PartiallyPays {
        /// How much is missing.
        missing: Money,
    },
    /// It came late, the nights are still free: the stay lives again, confirmed.
    Revives {
        /// More came than was asked for.
        overpaid: bool,
    },
    /// It goes back whole.
    Refunds(RefundReason),
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundReason {
    /// It came after the hold ended, and the nights are taken.
    NightsTaken,
    /// It came after the hold ended, and is less than the deposit.
    LateAndShort,
    /// Another payment has paid the deposit.
    SecondPayment,
    /// The guest cancelled, and the policy gives it back.
    CancelledByPolicy,
    /// A person of the house decided so.
    Host,
    /// The rest of a deposit never came.
    DepositIncomplete,
}

impl RefundReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::NightsTaken,
        Self::LateAndShort,
        Self::SecondPayment,
        Self::CancelledByPolicy,
        Self::Host,
        Self::DepositIncomplete,
    ];

    /// The name in the database, in events and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NightsTaken => "nights_taken",
            Self::LateAndShort => "late_and_short",
            Self::SecondPayment => "second_payment",
            Self::CancelledByPolicy => "cancelled_by_policy",
            Self::Host => "host",
            Self::DepositIncomplete => "deposit_incomplete",
        }
    }
}

/// What `incoming` approved money does to a reservation, judged under the lodging's row lock.
///
/// A hold past its expiry that no job has expired yet still holds its nights, so the money confirms it.
#[must_use]
pub fn settle(debt: &Debt, incoming: Money) -> Settlement {
    let missing_before = debt.deposit.less(debt.paid).unwrap_or(debt.deposit);
    let covered = incoming.covers(missing_before);
    let overpaid = missing_before.minor() < incoming.minor();
    match debt.status {
        Status::Confirmed | Status::Completed | Status::NoShow if missing_before.is_zero() => {
            Settlement::Refunds(RefundReason::SecondPayment)
        }
        // A person confirmed it by hand before the money came.
        Status::Confirmed | Status::Completed | Status::NoShow => Settlement::Confirms { overpaid },
        Status::PreReserved if covered => Settlement::Confirms { overpaid },
        Status::PreReserved => Settlement::PartiallyPays {
            missing: missing_before.less(incoming).unwrap_or(missing_before),
        },
        Status::Cancelled | Status::Expired if !debt.nights_free => {
            Settlement::Refunds(RefundReason::NightsTaken)
        }
        Status::Cancelled | Status::Expired if covered => Settlement::Revives { overpaid },
        Status::Cancelled | Status::Expired => Settlement::Refunds(RefundReason::LateAndShort),
    }
}
