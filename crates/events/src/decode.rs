//! From the messages' plain fields to the house's types, and back.

use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::money::{Currency, Money};
use domain::stay::Stay;
use time::Date;
use time::macros::format_description;
use uuid::Uuid;

use crate::v1;

/// A message of ours lacks a field or holds a value that no writer of ours puts there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event's {field} is missing or malformed")]
pub struct InvalidEvent {
    /// The field's path in the message.
    pub field: &'static str,
}

fn invalid(field: &'static str) -> InvalidEvent {
    InvalidEvent { field }
}

impl From<Money> for v1::Money {
    fn from(money: Money) -> Self {
        Self {
            minor: money.minor(),
            currency: money.currency().code().to_owned(),
        }
    }
}

impl v1::Money {
    /// The amount as the house reckons it.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] for a negative amount or an unknown currency.
    pub fn decode(&self) -> Result<Money, InvalidEvent> {
        let currency: Currency = self.currency.parse().or(Err(invalid("money.currency")))?;
        Money::new(self.minor, currency).or(Err(invalid("money.minor")))
    }
}

/// Builds the message's picture of a reservation.
#[must_use]
#[expect(
    clippy::too_many_arguments,
    reason = "the facts of a reservation, each of its own type"
)]
pub fn reservation_facts(
    id: Uuid,
    code: &ReservationCode,
    accommodation: AccommodationId,
    stay: Stay,
    guests: u16,
    channel: &str,
    total: Money,
    deposit: Money,
) -> v1::Reservation {
    v1::Reservation {
        id: id.to_string(),
        code: code.to_string(),
        accommodation_id: accommodation.0,
        check_in: iso(stay.check_in()),
        check_out: iso(stay.check_out()),
        guests: u32::from(guests),
        channel: channel.to_owned(),
        total: Some(total.into()),
        deposit: Some(deposit.into()),
    }
}

impl v1::Reservation {
    /// The reservation's id.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] unless it is a UUID.
    pub fn id(&self) -> Result<Uuid, InvalidEvent> {
        self.id.parse().or(Err(invalid("reservation.id")))
    }

    /// The nights.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] unless both dates are ISO dates in order.
    pub fn stay(&self) -> Result<Stay, InvalidEvent> {
        let check_in = date(&self.check_in).ok_or(invalid("reservation.check_in"))?;
        let check_out = date(&self.check_out).ok_or(invalid("reservation.check_out"))?;
        Stay::new(check_in, check_out).or(Err(invalid("reservation.check_out")))
    }

    /// The lodging.
    #[must_use]
    pub fn accommodation(&self) -> AccommodationId {
        AccommodationId(self.accommodation_id)
    }
}

/// The parts of a payment that a listener reckons with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// Our id of the payment.
    pub payment: Uuid,
    /// The reservation it is for.
    pub reservation: Uuid,
    /// What was paid, less what has gone back.
    pub amount: Money,
}

impl v1::Payment {
    /// The parts that a listener reckons with.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] naming the field that is missing or malformed.
    pub fn decode(&self) -> Result<Paid, InvalidEvent> {
        let paid = self.amount.as_ref().ok_or(invalid("payment.amount"))?.decode()?;
        let refunded = match &self.refunded {
            Some(refunded) => refunded.decode()?,
            None => Money::zero(paid.currency()),
        };
        Ok(Paid {
            payment: self.id.parse().or(Err(invalid("payment.id")))?,
            reservation: self
                .reservation_id
                .parse()
                .or(Err(invalid("payment.reservation_id")))?,
            amount: paid.less(refunded).or(Err(invalid("payment.refunded")))?,
        })
    }
}

fn iso(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
