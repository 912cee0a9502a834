//! Keeping what guests write.

use diesel_async::AsyncPgConnection;
use serde_json::{Value, json};
use storage::Context;
use storage::conversations::{self, Person};
use storage::messages::{self, NewIncoming};
use whatsapp::recipient::{UserId, WaId};
use whatsapp::webhook::{Content, Incoming};

/// Stores a guest's message and that they wrote, in the caller's transaction; `false` if it was there before.
pub(crate) async fn hear(
    conn: &mut AsyncPgConnection,
    context: &Context,
    message: &Incoming,
) -> diesel::QueryResult<bool> {
    let sender = &message.sender;
    let person = Person {
        wa_id: sender.wa_id.as_ref().map(WaId::as_str),
        business_scoped_id: sender.user_id.as_ref().map(UserId::as_str),
    };
    // WhatsApp's own notices open no window. A message from the future would hold it open for too long.
    let wrote = !matches!(message.content, Content::System { .. });
    let wrote_at = wrote.then(|| message.sent_at.unwrap_or(context.now).min(context.now));
    let conversation = conversations::heard(conn, person, wrote_at, context.now).await?;
    let says = without_nul(stored(message));
    let incoming = NewIncoming {
        wamid: &message.id,
        conversation,
        recipient: message.phone_number_id.as_deref().unwrap_or_default(),
        content: &says,
        traceparent: context.traceparent.as_deref(),
    };
    messages::store_incoming(conn, &incoming, context.now).await
}

/// What a message says, for whoever answers it; the bytes as received are in `webhook_deliveries`.
fn stored(message: &Incoming) -> Value {
    let mut value = says(&message.content);
    if let Some(object) = value.as_object_mut() {
        object.insert("kind".to_owned(), json!(message.content.kind()));
        object.insert(
            "sent_at".to_owned(),
            json!(message.sent_at.map(time::OffsetDateTime::unix_timestamp)),
        );
        object.insert("reply_to".to_owned(), json!(message.reply_to));
        object.insert("forwarded".to_owned(), json!(message.forwarded));
        object.insert("name".to_owned(), json!(message.sender.name));
    }
    value
}

fn says(content: &Content) -> Value {
    match content {
        Content::Text(text) => json!({ "text": text }),
        Content::Button { id, title } => json!({ "id": id, "title": title }),
        Content::Row {
            id,
            title,
            description,
        } => json!({ "id": id, "title": title, "description": description }),
        Content::QuickReply { payload, text } => json!({ "payload": payload, "text": text }),
        Content::Media {
            kind,
            id,
            mime_type,
            caption,
            voice,
        } => {
            let media = format!("{kind:?}").to_lowercase();
            json!({ "media": media, "id": id, "mime_type": mime_type, "caption": caption, "voice": voice })
        }
        Content::Location {
            latitude,
            longitude,
            name,
            address,
        } => json!({ "latitude": latitude, "longitude": longitude, "place": name, "address": address }),
        Content::Reaction { message_id, emoji } => json!({ "message_id": message_id, "emoji": emoji }),
        Content::Edit { message_id, text } => json!({ "message_id": message_id, "text": text }),
        Content::Revoke { message_id } => json!({ "message_id": message_id }),
        Content::System { kind, wa_id } => json!({ "system": kind, "wa_id": wa_id }),
        Content::Unsupported { codes } => json!({ "codes": codes }),
        Content::Other { kind } => json!({ "type": kind }),
    }
}

/// PostgreSQL keeps no NUL in text, and one in a guest's words must not lose them.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, without_nul(value)))
            .collect(),
        other => other,
    }
}
