//! One guest's telephone: the messages in both directions.

use serde::Serialize;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

/// After a guest's message, free text may be sent for this long.
const WINDOW: Duration = Duration::hours(24);

/// The chat between the house and one guest.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Chat {
    /// Digits, or a business-scoped user id.
    pub(crate) guest: String,
    pub(crate) name: String,
    pub(crate) messages: Vec<Message>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) last_from_guest: Option<OffsetDateTime>,
    pub(crate) house_is_typing: bool,
}

/// One message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) from_guest: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
    /// The message's own JSON: as it was sent to the API, or as it went out in the webhook.
    pub(crate) content: Value,
    /// The last status; a guest's message becomes `read` when the house says so.
    pub(crate) status: String,
    pub(crate) callback_data: Option<String>,
}

impl Chat {
    pub(crate) fn new(guest: &str) -> Self {
        Self {
            guest: guest.to_owned(),
            name: "Huésped".to_owned(),
            messages: Vec::new(),
            last_from_guest: None,
            house_is_typing: false,
        }
    }

    /// Whether free text may be sent at `now`.
    pub(crate) fn takes_free_text(&self, now: OffsetDateTime) -> bool {
        self.last_from_guest.is_some_and(|last| now < last + WINDOW)
    }
}

/// The choices of an interactive message: id, title, description.
pub(crate) fn choices(content: &Value) -> Vec<(String, String, Option<String>)> {
    let text =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let list = |pointer: &str| {
        content
            .pointer(pointer)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let buttons = list("/interactive/action/buttons");
    let rows = list("/interactive/action/sections");
    let rows = rows
        .iter()
        .filter_map(|section| section.get("rows")?.as_array())
        .flatten();
    let button = |button: &Value| Some((text(button, "/reply/id")?, text(button, "/reply/title")?, None));
    let row = |row: &Value| Some((text(row, "/id")?, text(row, "/title")?, text(row, "/description")));
    buttons
        .iter()
        .filter_map(button)
        .chain(rows.filter_map(row))
        .collect()
}
