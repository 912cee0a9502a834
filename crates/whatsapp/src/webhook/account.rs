//! Changes of our account, which come without `metadata`.

use ring::digest;
use serde_json::Value;
use time::OffsetDateTime;

use super::{instant, text};

/// A change of the account, its templates, its number or its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUpdate {
    /// Which, such as `account_update` or `message_template_status_update`.
    pub field: String,
    /// What happened, such as `ACCOUNT_RESTRICTION`, if the field has events.
    pub event: Option<String>,
    /// Which business account.
    pub account_id: Option<String>,
    /// When Meta sent it.
    pub sent_at: Option<OffsetDateTime>,
    /// The whole value, compact, for the operator.
    pub json: String,
    /// SHA-256 over account, time and value, in hex.
    pub(super) digest: String,
}

impl AccountUpdate {
    pub(super) fn read(field: &str, entry: &Value, value: &Value) -> Self {
        let account_id = text(entry, "id");
        let time = text(entry, "time");
        let json = value.to_string();
        let parts = [
            field,
            account_id.as_deref().unwrap_or(""),
            time.as_deref().unwrap_or(""),
            &json,
        ];
        let digest = digest::digest(&digest::SHA256, parts.join("\n").as_bytes());
        Self {
            field: field.to_owned(),
            event: text(value, "event"),
            account_id,
            sent_at: instant(entry, "time"),
            json,
            digest: hex::encode(digest),
        }
    }
}
