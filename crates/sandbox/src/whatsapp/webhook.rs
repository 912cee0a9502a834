//! The bytes of a webhook: several things told in one body, escaped as Meta escapes, and signed.

use std::fmt::Write;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{events::Item, settings::Forgery};

/// Who the house is, in every value.
pub(crate) struct House<'a> {
    pub(crate) display_phone_number: &'a str,
    pub(crate) phone_number_id: &'a str,
}

/// The WhatsApp business account of every entry.
const ACCOUNT: &str = "419561257915477";

/// One body for `items`, cut into at most `entries` entries; neighbours of one kind share a value.
pub(crate) fn body(house: &House<'_>, items: &[Item], entries: usize, unix_time: i64) -> Value {
    let per_entry = items.len().div_ceil(entries.max(1)).max(1);
    let entries: Vec<_> = items
        .chunks(per_entry)
        .map(|items| entry(house, items, unix_time))
        .collect();
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

fn entry(house: &House<'_>, items: &[Item], unix_time: i64) -> Value {
    let mut changes = Vec::new();
    let mut has_account = false;
    for group in items.chunk_by(Item::is_kind_of) {
        match group {
            [Item::Account { field, value }, ..] => {
                has_account = true;
                changes.push(json!({ "field": field, "value": value }));
            }
            _ => changes.push(json!({ "field": "messages", "value": value(house, group) })),
        }
    }
    let mut entry = json!({ "id": ACCOUNT, "changes": changes });
    if let (true, Value::Object(entry)) = (has_account, &mut entry) {
        entry.insert("time".to_owned(), json!(unix_time));
    }
    entry
}

fn value(house: &House<'_>, group: &[Item]) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": house.display_phone_number,
            "phone_number_id": house.phone_number_id,
        },
    });
    let (mut contacts, mut messages, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for item in group {
        match item {
            Item::Message { contact, message } => {
                if let Some(contact) = contact
                    && !contacts.contains(contact)
                {
                    contacts.push(contact.clone());
                }
                messages.push(message.clone());
            }
            Item::Status(status) => statuses.push(status.clone()),
            Item::Account { .. } => {}
        }
    }
    if let Value::Object(value) = &mut value {
        for (name, list) in [
            ("contacts", contacts),
            ("messages", messages),
            ("statuses", statuses),
        ] {
            if !list.is_empty() {
                value.insert(name.to_owned(), Value::Array(list));
            }
        }
    }
    value
}

/// The JSON as Meta sends it: everything beyond ASCII as `\uXXXX`, and `/` as `\/`.
pub(crate) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 16);
    let mut units = [0; 2];
    for letter in json.chars() {
        match letter {
            '/' => escaped.push_str(r"\/"),
            letter if letter.is_ascii() => escaped.push(letter),
            letter => {
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _written = write!(escaped, r"\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

/// The headers of a webhook with `body`.
pub(crate) fn headers(
    secret: Option<&SecretString>,
    body: &str,
    forgery: Forgery,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "facebookexternalua".to_owned()),
    ];
    let another = SecretString::from("an app secret that the application never had");
    let signature = match (forgery, secret) {
        (Forgery::Unsigned, _) | (_, None) => return headers,
        (Forgery::Sha1, _) => {
            headers.push((
                "x-hub-signature",
                "sha1=0000000000000000000000000000000000000000".to_owned(),
            ));
            return headers;
        }
        (Forgery::WrongSecret, _) => ::whatsapp::signature::sign(&another, body.as_bytes()),
        (Forgery::None | Forgery::Tampered, Some(secret)) => {
            ::whatsapp::signature::sign(secret, body.as_bytes())
        }
    };
    headers.push(("x-hub-signature-256", signature));
    headers
}
