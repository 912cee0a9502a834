//! Incoming webhooks: every item of a batch on its own, so that a bad one fails alone.
//!
//! Unknown keys are ignored, and every field may be absent unless an item means nothing without it.

mod account;
mod content;
mod delivery;
mod incoming;

use serde_json::Value;
use time::OffsetDateTime;

pub use self::account::AccountUpdate;
pub use self::content::{Content, MediaKind};
pub use self::delivery::{DeliveryUpdate, Failure, Pricing};
pub use self::incoming::{Incoming, Sender};

/// One item of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A guest wrote.
    Message(Box<Incoming>),
    /// A message of ours has come further.
    Delivery(Box<DeliveryUpdate>),
    /// Something about our account: stored, and an operator is told.
    Account(AccountUpdate),
    /// A message or status without what makes it one: dead-lettered.
    Unreadable(Unreadable),
}

/// An item that cannot be told from others, for want of an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it stood: `messages` or `statuses`.
    pub list: &'static str,
    /// The item as received, compact.
    pub json: String,
}

/// The body is not JSON: dead-lettered, and somebody is told.
#[derive(Debug, thiserror::Error)]
#[error("the body is not JSON")]
pub struct NotJson(#[source] serde_json::Error);

impl Item {
    /// What tells a repeated delivery of this item from a new one; `None` for what is unreadable.
    ///
    /// Never the hash of a body, since batches are cut anew, and never a message id alone, since one message
    /// has several statuses.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        match self {
            Self::Message(message) => Some(format!("message:{}", message.id)),
            Self::Delivery(update) => Some(format!("status:{}:{}", update.message_id, update.word)),
            Self::Account(update) => Some(format!("account:{}", update.digest)),
            Self::Unreadable(_) => None,
        }
    }
}

/// Every item of a body, over all of its entries and changes, in order.
///
/// # Errors
///
/// [`NotJson`]; JSON of any shape is fine, and may hold no item at all.
pub fn parse(body: &[u8]) -> Result<Vec<Item>, NotJson> {
    let root: Value = serde_json::from_slice(body).map_err(NotJson)?;
    let mut items = Vec::new();
    for entry in list(&root, "entry") {
        for change in list(entry, "changes") {
            let Some(value) = change.get("value") else {
                continue;
            };
            match text(change, "field").as_deref() {
                Some("messages") | None => messages(value, &mut items),
                Some(field) => items.push(Item::Account(AccountUpdate::read(field, entry, value))),
            }
        }
    }
    Ok(items)
}

fn messages(value: &Value, items: &mut Vec<Item>) {
    let number = value
        .get("metadata")
        .and_then(|metadata| text(metadata, "phone_number_id"));
    for message in list(value, "messages") {
        items.push(match Incoming::read(number.clone(), value, message) {
            Some(incoming) => Item::Message(Box::new(incoming)),
            None => unreadable("messages", message),
        });
    }
    for status in list(value, "statuses") {
        items.push(match DeliveryUpdate::read(number.clone(), status) {
            Some(update) => Item::Delivery(Box::new(update)),
            None => unreadable("statuses", status),
        });
    }
}

fn unreadable(list: &'static str, item: &Value) -> Item {
    Item::Unreadable(Unreadable {
        list,
        json: item.to_string(),
    })
}

/// The elements of the array at `name`; none if it is not there or no array.
fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The text at `name`, of a string or a number; the empty one counts as absent.
fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The instant at `name`: Unix seconds, as a string or a number.
fn instant(value: &Value, name: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(text(value, name)?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
