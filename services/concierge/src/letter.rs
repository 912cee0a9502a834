//! What a queued message holds: the template and what fills it, without the guest's access token.

use domain::reservation::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use crate::templates::{self, Template};

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    Confirmed,
    PaymentLink,
    Reminder,
    PaymentRejected,
    PaymentRefunded,
    Cancelled,
    Expired,
}

impl Subject {
    /// The name in metrics' labels and in the timeline.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::PaymentLink => "payment_link",
            Self::Reminder => "reminder",
            Self::PaymentRejected => "payment_rejected",
            Self::PaymentRefunded => "payment_refunded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn template(self) -> Template {
        match self {
            Self::Confirmed => templates::CONFIRMED,
            Self::PaymentLink => templates::PAYMENT_LINK,
            Self::Reminder => templates::REMINDER,
            Self::PaymentRejected => templates::PAYMENT_REJECTED,
            Self::PaymentRefunded => templates::PAYMENT_REFUNDED,
            Self::Cancelled => templates::CANCELLED,
            Self::Expired => templates::EXPIRED,
        }
    }

    /// Whether it is still true of a stay that stands at `status`: a late message must not contradict a later one.
    pub(crate) fn fits(self, status: Status) -> bool {
        match self {
            Self::Confirmed => matches!(status, Status::Confirmed | Status::Completed | Status::NoShow),
            Self::PaymentLink | Self::Reminder | Self::PaymentRejected => status == Status::PreReserved,
            Self::PaymentRefunded => true,
            Self::Cancelled => status == Status::Cancelled,
            Self::Expired => status == Status::Expired,
        }
    }
}

/// What fills one place of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Parameter {
    Text(String),
    /// The page of the stay with the guest's token, which is derived at sending and never stored.
    ManageLink,
}

/// A message of ours, as `messages.content` keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) subject: Subject,
    pub(crate) parameters: Vec<Parameter>,
    /// From then on it is of no use.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) until: Option<OffsetDateTime>,
    /// Meta refused plain text: the 24 hours are over, whatever we think.
    #[serde(default)]
    pub(crate) template_only: bool,
    /// Meta's ids of earlier sendings that failed there; their statuses come late and twice, and no longer count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) earlier: Vec<String>,
}

impl Letter {
    pub(crate) fn read(stored: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(stored)
    }

    pub(crate) fn stored(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}
