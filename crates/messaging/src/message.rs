//! A message on its way out: where to, its bytes, its envelope.

use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, LongString, MAX_SHORT_STRING_LENGTH, ShortString},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// AMQP's mark for a message that survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// The content type of events.
const PROTOBUF: &str = "application/protobuf";

/// The W3C trace context, as a header.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// A persistent message; it is published with a confirm, and comes back if no queue takes it.
#[derive(Debug, Clone)]
pub struct Message {
    pub(crate) exchange: String,
    pub(crate) routing_key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) properties: BasicProperties,
}

impl Message {
    /// A message for whoever is bound to `exchange` with `routing_key`; `id` makes it recognisable when doubled.
    #[must_use]
    pub fn to_exchange(exchange: &str, routing_key: &str, id: Uuid, body: Vec<u8>) -> Self {
        let properties = BasicProperties::default()
            .with_message_id(short(&id.to_string()))
            .with_delivery_mode(PERSISTENT);
        Self {
            exchange: exchange.to_owned(),
            routing_key: routing_key.to_owned(),
            body,
            properties,
        }
    }

    /// A message for one queue.
    #[must_use]
    pub fn to_queue(queue: &str, id: Uuid, body: Vec<u8>) -> Self {
        Self::to_exchange("", queue, id, body)
    }

    /// An existing message under its old envelope, for another queue or exchange.
    pub(crate) fn forward(
        exchange: &str,
        routing_key: &str,
        body: Vec<u8>,
        properties: BasicProperties,
    ) -> Self {
        Self {
            exchange: exchange.to_owned(),
            routing_key: routing_key.to_owned(),
            body,
            properties: properties.with_delivery_mode(PERSISTENT),
        }
    }

    /// Adds a text header.
    #[must_use]
    pub fn with_header(self, name: &str, value: &str) -> Self {
        let mut headers = self.properties.headers().clone().unwrap_or_default();
        set_header(&mut headers, name, value);
        Self {
            properties: self.properties.with_headers(headers),
            ..self
        }
    }

    /// Says what the body is: `application/json`.
    #[must_use]
    pub fn with_content_type(self, content_type: &str) -> Self {
        Self {
            properties: self.properties.with_content_type(short(content_type)),
            ..self
        }
    }

    /// The envelope of an event.
    #[must_use]
    pub(crate) fn with_event_envelope(self, envelope: &EventEnvelope<'_>) -> Self {
        let mut properties = self
            .properties
            .with_type(short(envelope.name))
            .with_app_id(short(envelope.app_id))
            .with_correlation_id(short(envelope.correlation_id))
            .with_content_type(PROTOBUF.into());
        if let Ok(seconds) = u64::try_from(envelope.created_at.unix_timestamp()) {
            properties = properties.with_timestamp(seconds);
        }
        let message = Self { properties, ..self };
        match envelope.traceparent {
            Some(traceparent) => message.with_header(TRACEPARENT, traceparent),
            None => message,
        }
    }

    /// Its id, if it has one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.properties.message_id().as_ref().map(ShortString::as_str)
    }
}

/// What the outbox knows of an event besides its bytes.
pub(crate) struct EventEnvelope<'a> {
    pub(crate) name: &'a str,
    pub(crate) app_id: &'a str,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) correlation_id: &'a str,
    pub(crate) traceparent: Option<&'a str>,
}

pub(crate) fn set_header(headers: &mut FieldTable, name: &str, value: &str) {
    headers.insert(short(name), AMQPValue::LongString(LongString::from(value)));
}

/// A header as text, whichever of AMQP's text types it came in.
pub(crate) fn text_header(headers: &FieldTable, name: &str) -> Option<String> {
    match headers.inner().get(name)? {
        AMQPValue::LongString(value) => String::from_utf8(value.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(value) => Some(value.as_str().to_owned()),
        _ => None,
    }
}

/// AMQP's short text holds 255 bytes; what is longer is cut, where lapin would panic.
pub(crate) fn short(text: &str) -> ShortString {
    let mut end = text.len().min(MAX_SHORT_STRING_LENGTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end)
        .and_then(|text| ShortString::try_new(text).ok())
        .unwrap_or_default()
}
