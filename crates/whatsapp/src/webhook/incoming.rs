//! A guest's message: who wrote, when, in answer to what.

use std::fmt;

use serde_json::Value;
use time::OffsetDateTime;

use super::{Content, instant, list, text};
use crate::recipient::{Recipient, UserId, WaId};

/// A message that a guest sent us.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Which of our numbers it is for.
    pub phone_number_id: Option<String>,
    /// The message's id at Meta.
    pub id: String,
    /// When the guest sent it, to the second; the 24 hours begin here.
    pub sent_at: Option<OffsetDateTime>,
    /// Who wrote.
    pub sender: Sender,
    /// What.
    pub content: Content,
    /// The message that it answers: one of ours, if a button was pressed.
    pub reply_to: Option<String>,
    /// Whether it was passed on from another chat.
    pub forwarded: bool,
}

/// Who wrote: a guest is known by the user id if there is one, and by the WhatsApp id if there is one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Sender {
    /// The WhatsApp id; absent where the guest hides the number.
    pub wa_id: Option<WaId>,
    /// The business-scoped user id.
    pub user_id: Option<UserId>,
    /// The same across the businesses of one parent.
    pub parent_user_id: Option<String>,
    /// What the guest is called, in the guest's own words.
    pub name: Option<String>,
    /// The guest's user name.
    pub username: Option<String>,
}

impl Sender {
    /// Where an answer goes: to the WhatsApp id as received, otherwise to the user id.
    #[must_use]
    pub fn reply_address(&self) -> Option<Recipient> {
        let number = self.wa_id.clone().map(Recipient::Number);
        number.or_else(|| self.user_id.clone().map(Recipient::User))
    }

    fn read(value: &Value, message: &Value) -> Self {
        let from = text(message, "from");
        let user = text(message, "from_user_id");
        let contact = contact(value, from.as_deref(), user.as_deref());
        let of_contact = |name| contact.and_then(|contact| text(contact, name));
        let profile = contact.and_then(|contact| contact.get("profile"));
        Self {
            wa_id: from
                .or_else(|| of_contact("wa_id"))
                .and_then(|id| id.parse().ok()),
            user_id: user
                .or_else(|| of_contact("user_id"))
                .and_then(|id| id.parse().ok()),
            parent_user_id: text(message, "from_parent_user_id").or_else(|| of_contact("parent_user_id")),
            name: profile.and_then(|profile| text(profile, "name")),
            username: profile.and_then(|profile| text(profile, "username")),
        }
    }
}

/// The contact of the message's sender: by id, or the only one there is.
fn contact<'a>(value: &'a Value, from: Option<&str>, user: Option<&str>) -> Option<&'a Value> {
    let is = |contact: &Value, name, id: Option<&str>| id.is_some() && text(contact, name).as_deref() == id;
    let known = |contact: &&Value| is(contact, "wa_id", from) || is(contact, "user_id", user);
    let mut all = list(value, "contacts");
    list(value, "contacts")
        .find(known)
        .or_else(|| all.next().filter(|_| all.next().is_none()))
}

impl Incoming {
    /// `None` without an id.
    pub(super) fn read(phone_number_id: Option<String>, value: &Value, message: &Value) -> Option<Self> {
        let context = message.get("context");
        let flag = |name| {
            context
                .and_then(|context| context.get(name))
                .and_then(Value::as_bool)
        };
        Some(Self {
            phone_number_id,
            id: text(message, "id")?,
            sent_at: instant(message, "timestamp"),
            sender: Sender::read(value, message),
            content: Content::read(value, message),
            reply_to: context.and_then(|context| text(context, "id")),
            forwarded: flag("forwarded") == Some(true) || flag("frequently_forwarded") == Some(true),
        })
    }
}

/// Nobody's name or number belongs in a log.
impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(…)")
    }
}
