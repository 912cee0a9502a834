//! What became of a message of ours.

use serde_json::Value;
use time::OffsetDateTime;

use super::{instant, list, text};
use crate::action::Action;
use crate::recipient::{UserId, WaId};
use crate::status::Status;

/// A status of a message that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryUpdate {
    /// Which of our numbers sent it.
    pub phone_number_id: Option<String>,
    /// The message's id at Meta.
    pub message_id: String,
    /// The provider's word.
    pub word: String,
    /// The status behind the word; `None` for a word that we do not know, which is recorded and not applied.
    pub status: Option<Status>,
    /// When it happened, to the second: two statuses may have the same time.
    pub at: Option<OffsetDateTime>,
    /// To whom it went.
    pub recipient: Option<WaId>,
    /// To whom it went, where the number is hidden.
    pub recipient_user: Option<UserId>,
    /// What we sent along: our own message's id, so that a status may overtake the answer to our sending.
    pub callback: Option<String>,
    /// Why it failed.
    pub failures: Vec<Failure>,
    /// What it costs.
    pub pricing: Option<Pricing>,
}

/// One reason of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The code, which decides; 0 if there is none.
    pub code: i64,
    /// For a person.
    pub title: Option<String>,
    /// For a person, longer.
    pub details: Option<String>,
}

/// What a message costs, in the provider's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pricing {
    /// Whether it costs anything.
    pub billable: Option<bool>,
    /// `CBP` or `PMP`.
    pub model: Option<String>,
    /// Such as `service` or `utility`.
    pub category: Option<String>,
}

impl Failure {
    /// What the code asks for.
    #[must_use]
    pub fn action(&self) -> Action {
        // A failure without a code is unknown, and must not look like code 0, an invalid token.
        if self.code == 0 {
            Action::Unknown { transient: false }
        } else {
            Action::of(self.code, false)
        }
    }

    pub(super) fn read(error: &Value) -> Self {
        let code = text(error, "code").and_then(|code| code.parse().ok());
        Self {
            code: code.unwrap_or(0),
            title: text(error, "title"),
            details: error.get("error_data").and_then(|data| text(data, "details")),
        }
    }
}

impl DeliveryUpdate {
    /// `None` without an id or a status.
    pub(super) fn read(phone_number_id: Option<String>, json: &Value) -> Option<Self> {
        let word = text(json, "status")?;
        Some(Self {
            phone_number_id,
            message_id: text(json, "id")?,
            status: Status::reported(&word),
            word,
            at: instant(json, "timestamp"),
            recipient: text(json, "recipient_id").and_then(|id| id.parse().ok()),
            recipient_user: text(json, "recipient_user_id").and_then(|id| id.parse().ok()),
            callback: text(json, "biz_opaque_callback_data"),
            failures: list(json, "errors").map(Failure::read).collect(),
            pricing: json.get("pricing").map(|pricing| Pricing {
                billable: pricing.get("billable").and_then(Value::as_bool),
                model: text(pricing, "pricing_model"),
                category: text(pricing, "category"),
            }),
        })
    }
}
