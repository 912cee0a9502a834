//! What happened to a stay, in the words of its guest.

mod spanish;

use calendar::Zone;
use domain::money::Money;
use storage::messages::Booking;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::letter::{Letter, Parameter, Subject};

/// A fact that a guest is told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    Confirmed,
    PaymentLink {
        amount: Money,
        url: String,
        expires_at: OffsetDateTime,
    },
    /// The hold ends soon.
    Reminder {
        expires_at: OffsetDateTime,
    },
    PaymentRejected {
        payment: Uuid,
        amount: Money,
    },
    PaymentRefunded {
        payment: Uuid,
        /// What went back this time.
        amount: Money,
        /// What has gone back in all.
        refunded: Money,
        reason: String,
    },
    Cancelled {
        /// A stay that was revived can be cancelled once more.
        event: Uuid,
    },
    Expired,
}

impl News {
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Confirmed => Subject::Confirmed,
            Self::PaymentLink { .. } => Subject::PaymentLink,
            Self::Reminder { .. } => Subject::Reminder,
            Self::PaymentRejected { .. } => Subject::PaymentRejected,
            Self::PaymentRefunded { .. } => Subject::PaymentRefunded,
            Self::Cancelled { .. } => Subject::Cancelled,
            Self::Expired => Subject::Expired,
        }
    }

    /// What makes two tellings one.
    pub(crate) fn fact(&self, code: &str) -> String {
        match self {
            Self::Confirmed => format!("reservation.confirmed.v1:{code}"),
            Self::PaymentLink {
                amount, expires_at, ..
            } => {
                let until = expires_at.unix_timestamp();
                format!("payment.link_ready.v1:{code}:{until}:{}", amount.minor())
            }
            Self::Reminder { expires_at } => {
                format!("reservation.reminder:{code}:{}", expires_at.unix_timestamp())
            }
            Self::PaymentRejected { payment, .. } => format!("payment.rejected.v1:{payment}"),
            Self::PaymentRefunded {
                payment, refunded, ..
            } => format!("payment.refunded.v1:{payment}:{}", refunded.minor()),
            Self::Cancelled { event } => format!("reservation.cancelled.v1:{event}"),
            Self::Expired => format!("reservation.expired.v1:{code}"),
        }
    }

    /// The message about `booking`.
    pub(crate) fn letter(&self, booking: &Booking) -> Letter {
        let until = match self {
            Self::PaymentLink { expires_at, .. } | Self::Reminder { expires_at } => Some(*expires_at),
            _ => None,
        };
        Letter {
            subject: self.subject(),
            parameters: self.parameters(booking),
            until,
            template_only: false,
            earlier: Vec::new(),
        }
    }

    fn parameters(&self, booking: &Booking) -> Vec<Parameter> {
        let text = |text: &str| Parameter::Text(text.to_owned());
        let name = text(first_name(&booking.name));
        let (code, lodging) = (text(&booking.code), text(&booking.lodging));
        let check_in = Parameter::Text(spanish::date(booking.stay.check_in()));
        let check_out = Parameter::Text(spanish::date(booking.stay.check_out()));
        let money = |amount: Money| Parameter::Text(spanish::money(amount));
        match self {
            Self::Confirmed => {
                let rest = booking.total.less(booking.paid).ok();
                let rest = match rest.filter(|rest| !rest.is_zero()) {
                    Some(rest) => spanish::money(rest),
                    None => "nada, está todo pago".to_owned(),
                };
                vec![
                    name,
                    code,
                    lodging,
                    check_in,
                    check_out,
                    text(&booking.guests.to_string()),
                    money(booking.total),
                    money(booking.paid),
                    Parameter::Text(rest),
                    Parameter::ManageLink,
                ]
            }
            Self::PaymentLink {
                amount,
                url,
                expires_at,
            } => {
                let until = Parameter::Text(moment_in_the_house(booking, *expires_at));
                vec![
                    name,
                    lodging,
                    check_in,
                    check_out,
                    code,
                    money(*amount),
                    until,
                    text(url),
                ]
            }
            Self::Reminder { expires_at } => {
                let until = Parameter::Text(moment_in_the_house(booking, *expires_at));
                vec![name, code, lodging, until, Parameter::ManageLink]
            }
            Self::PaymentRejected { amount, .. } => vec![name, money(*amount), code, Parameter::ManageLink],
            Self::PaymentRefunded { amount, reason, .. } => {
                vec![name, money(*amount), code, text(spanish::refund_reason(reason))]
            }
            Self::Cancelled { .. } | Self::Expired => vec![name, code, lodging, check_in, check_out],
        }
    }
}

/// The day and hour that the clock of the lodging shows at `instant`.
fn moment_in_the_house(booking: &Booking, instant: OffsetDateTime) -> String {
    let zone = Zone::named(&booking.time_zone).unwrap_or(Zone::UTC);
    spanish::moment(instant.to_offset(zone.offset_at(instant)))
}

/// How a guest is greeted: by the first word of the name.
fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or("huésped")
}

#[cfg(test)]
mod tests;
