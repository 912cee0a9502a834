//! What the API says about a message that it took.

use serde_json::Value;

use crate::recipient::WaId;

/// A message that the API took. Whether it arrives, its statuses say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message's id at Meta.
    pub message_id: String,
    /// The guest's WhatsApp id, which need not be the number it was sent to.
    pub wa_id: Option<WaId>,
    /// What Meta does with it now.
    pub status: MessageStatus,
}

/// What Meta does with a message that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStatus {
    /// It is sent; also when Meta does not say.
    Accepted,
    /// It waits for a check of its template's quality, and may be dropped.
    Held,
    /// Its template is paused: it is not sent.
    Paused,
}

impl Sent {
    /// `None` if there is no id in it.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(body).ok()?;
        let message = json.pointer("/messages/0")?;
        let status = match message.get("message_status").and_then(Value::as_str) {
            Some("held_for_quality_assessment") => MessageStatus::Held,
            Some("paused") => MessageStatus::Paused,
            _ => MessageStatus::Accepted,
        };
        let wa_id = json.pointer("/contacts/0/wa_id").and_then(Value::as_str);
        Some(Self {
            message_id: message.get("id")?.as_str()?.to_owned(),
            wa_id: wa_id.and_then(|id| id.parse().ok()),
            status,
        })
    }
}
