//! The states of a reservation and how it moves between them.

use std::fmt;
use std::str::FromStr;

use time::OffsetDateTime;

/// Where a reservation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Its nights are held until `expires_at`, unpaid.
    PreReserved,
    /// The deposit is paid.
    Confirmed,
    /// Called off; its nights are free.
    Cancelled,
    /// The hold ran out unpaid; its nights are free.
    Expired,
    /// The guest stayed; set the day after check-out.
    Completed,
    /// The host says that the guest never came.
    NoShow,
}

/// How the money of a reservation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// Nothing has been paid.
    Pending,
    /// Something, but less than the deposit.
    PartiallyPaid,
    /// At least the deposit.
    Paid,
    /// What was paid has gone back.
    Refunded,
    /// The payer disputes it with the provider.
    Disputed,
}

/// How a reservation came to the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The house's own pages or API.
    Web,
    /// The conversation on WhatsApp.
    Whatsapp,
    /// A person of the house.
    Staff,
}

/// The text is none of the names of this kind of thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {of}")]
pub struct UnknownName {
    text: String,
    of: &'static str,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::PreReserved,
        Self::Confirmed,
        Self::Cancelled,
        Self::Expired,
        Self::Completed,
        Self::NoShow,
    ];

    /// The name in the database, in JSON and in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreReserved => "pre_reserved",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// Whether a reservation in this state keeps others out of its nights.
    #[must_use]
    pub fn holds_nights(self) -> bool {
        matches!(self, Self::PreReserved | Self::Confirmed)
    }
}

impl PaymentStatus {
    /// Every payment status.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::PartiallyPaid,
        Self::Paid,
        Self::Refunded,
        Self::Disputed,
    ];

    /// The name in the database, in JSON and in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::PartiallyPaid => "partially_paid",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
        }
    }
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Web, Self::Whatsapp, Self::Staff];

    /// The name in the database, in JSON, in events and as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Whatsapp => "whatsapp",
            Self::Staff => "staff",
        }
    }
}

fn named<T: Copy>(
    all: &[T],
    name: fn(T) -> &'static str,
    of: &'static str,
    text: &str,
) -> Result<T, UnknownName> {
    let found = all.iter().copied().find(|candidate| name(*candidate) == text);
    found.ok_or_else(|| UnknownName {
        text: text.chars().take(40).collect(),
        of,
    })
}

impl FromStr for Status {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        named(&Self::ALL, Self::as_str, "reservation status", text)
    }
}

impl FromStr for PaymentStatus {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        named(&Self::ALL, Self::as_str, "payment status", text)
    }
}

impl FromStr for Channel {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        named(&Self::ALL, Self::as_str, "channel", text)
    }
}

/// Who did something to a reservation, as its timeline tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The guest, proven by the access token or the WhatsApp number.
    Guest,
    /// A person of the house, named by e-mail address.
    Staff(String),
    /// One of our services.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest => f.write_str("guest"),
            Self::Staff(email) => write!(f, "staff:{email}"),
            Self::System(service) => write!(f, "system:{service}"),
        }
    }
}

/// Why a reservation cannot be called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// It has ended already, in this state.
    #[error("the reservation is {} and cannot be cancelled", .0.as_str())]
    Ended(Status),
}

/// What calling off does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// The nights are freed.
    Cancels,
    /// It had been called off before; nothing changes.
    AlreadyCancelled,
}

/// Whether a reservation can be called off; doing it twice is a no-op, an ended stay is an error.
///
/// # Errors
///
/// [`CancelError::Ended`] for an expired, completed or missed stay.
pub fn cancel(status: Status) -> Result<Cancellation, CancelError> {
    match status {
        Status::PreReserved | Status::Confirmed => Ok(Cancellation::Cancels),
        Status::Cancelled => Ok(Cancellation::AlreadyCancelled),
        Status::Expired | Status::Completed | Status::NoShow => Err(CancelError::Ended(status)),
    }
}

/// Whether a hold has run out: unpaid, and `expires_at` is not after `now`.
#[must_use]
pub fn has_expired(status: Status, expires_at: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    status == Status::PreReserved && expires_at.is_some_and(|expires_at| expires_at <= now)
}
