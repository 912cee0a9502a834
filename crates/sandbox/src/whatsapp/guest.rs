//! A guest picks up the telephone: writes, taps a button or a row, sends anything else.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::{
    chat::{Message, choices},
    events::{Item, record},
    number::{wa_id, wamid},
};
use crate::state::{App, lock};

/// What a guest sends; one of `text`, `tap` and `message`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuestMessage {
    /// The number; it may be absent if there is a `user_id`.
    pub(crate) from: Option<String>,
    /// The business-scoped user id.
    pub(crate) user_id: Option<String>,
    /// The name in the profile.
    pub(crate) name: Option<String>,
    pub(crate) text: Option<String>,
    /// The id of a reply button or list row of the last message that has it.
    pub(crate) tap: Option<String>,
    /// The part of the webhook's message that is its own: `{"type":"image","image":{…}}`.
    pub(crate) message: Option<Map<String, Value>>,
    /// By default now.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) at: Option<OffsetDateTime>,
    /// By default a new one.
    pub(crate) id: Option<String>,
}

/// Why a guest cannot send that.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuestError {
    #[error("a message needs `from` or `user_id`")]
    Nobody,
    #[error("a message needs one of `text`, `tap` and `message`")]
    Nothing,
    #[error("no message of the house in this chat has the choice {0:?}")]
    NoSuchChoice(String),
}

/// Puts the message into the chat and keeps its event; returns wamid and event number.
pub(crate) fn write(app: &App, from: GuestMessage) -> Result<(String, u64), GuestError> {
    let now = from.at.unwrap_or_else(|| app.clock.now());
    let number = from
        .from
        .as_deref()
        .map(wa_id)
        .filter(|digits| !digits.is_empty());
    let guest = number
        .clone()
        .or_else(|| from.user_id.clone())
        .ok_or(GuestError::Nobody)?;
    let id = from.id.clone().unwrap_or_else(wamid);
    let house = app.options.whatsapp.display_phone_number.clone();
    let item = {
        let mut world = lock(&app.whatsapp);
        let chat = world.chat(&guest);
        if let Some(name) = from.name.filter(|name| !name.is_empty()) {
            chat.name = name;
        }
        let own = match (from.text, from.tap, from.message) {
            (Some(text), None, None) => json!({ "type": "text", "text": { "body": text } }),
            (None, Some(choice), None) => tapped(&chat.messages, &choice, &house)?,
            (None, None, Some(message)) => Value::Object(message),
            _ => return Err(GuestError::Nothing),
        };
        let mut message = json!({ "id": id, "timestamp": now.unix_timestamp().to_string() });
        let mut contact = json!({ "profile": { "name": chat.name } });
        merge(&mut message, own);
        if let Some(number) = &number {
            merge(&mut message, json!({ "from": number }));
            merge(&mut contact, json!({ "wa_id": number }));
        }
        if let Some(user_id) = &from.user_id {
            merge(&mut message, json!({ "from_user_id": user_id }));
            merge(&mut contact, json!({ "user_id": user_id }));
        }
        let is_system = message.get("type").and_then(Value::as_str) == Some("system");
        chat.last_from_guest = chat.last_from_guest.max(Some(now));
        chat.house_is_typing = false;
        chat.messages.push(Message {
            id: id.clone(),
            from_guest: true,
            at: now,
            content: message.clone(),
            status: "sent".to_owned(),
            callback_data: None,
        });
        Item::Message {
            contact: (!is_system).then_some(contact),
            message,
        }
    };
    Ok((id, record(app, item)))
}

/// A tap on a choice of the latest message that offers it.
fn tapped(messages: &[Message], choice: &str, house: &str) -> Result<Value, GuestError> {
    let offers = messages
        .iter()
        .rev()
        .filter(|message| !message.from_guest)
        .find_map(|message| {
            let offered = choices(&message.content)
                .into_iter()
                .find(|(id, ..)| id == choice);
            offered.map(|offered| (message, offered))
        });
    let (message, (id, title, description)) =
        offers.ok_or_else(|| GuestError::NoSuchChoice(choice.to_owned()))?;
    let context = json!({ "from": house, "id": message.id });
    let is_list = message
        .content
        .pointer("/interactive/type")
        .and_then(Value::as_str)
        == Some("list");
    let mut reply = json!({ "id": id, "title": title });
    if let Some(description) = description {
        merge(&mut reply, json!({ "description": description }));
    }
    let interactive = if is_list {
        json!({ "type": "list_reply", "list_reply": reply })
    } else {
        json!({ "type": "button_reply", "button_reply": reply })
    };
    Ok(json!({ "type": "interactive", "context": context, "interactive": interactive }))
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
