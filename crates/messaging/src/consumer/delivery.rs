//! A delivery as handlers see it.

use std::{collections::BTreeMap, sync::Arc};

use events::Event;
use lapin::{
    BasicProperties,
    types::{FieldTable, ShortString},
};
use uuid::Uuid;

use super::settle::ATTEMPTS;
use crate::message::{TRACEPARENT, text_header};

/// One event, decoded.
#[derive(Debug, Clone)]
pub struct Delivery<E> {
    /// Who consumes, for the inbox: the queue's name, `payments.reservation-held`.
    pub consumer: String,
    /// The event's id, the same in every copy of it: what the inbox remembers.
    pub event_id: Uuid,
    /// The fact.
    pub event: E,
    /// What it is about: a reservation's code, a delivery's id.
    pub correlation_id: Option<String>,
    /// The trace that caused it; the handler runs in a span that continues it.
    pub traceparent: Option<String>,
    /// 1 for the first try, one more after each retry.
    pub attempt: u32,
    /// Whether the broker has handed this copy out before.
    pub redelivered: bool,
}

/// One message of any kind, as bytes.
#[derive(Debug, Clone)]
pub struct RawDelivery {
    /// The id given by its publisher.
    pub id: Option<Uuid>,
    /// The name of the event, if it is one.
    pub name: Option<String>,
    /// The bytes.
    pub body: Arc<[u8]>,
    /// Its text headers.
    pub headers: BTreeMap<String, String>,
    /// What it is about.
    pub correlation_id: Option<String>,
    /// 1 for the first try, one more after each retry.
    pub attempt: u32,
    /// Whether the broker has handed this copy out before.
    pub redelivered: bool,
}

/// A message that is not the event its queue is for.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// No UUID as message id: without one it could not be told from its double.
    #[error("the message has no id")]
    NoId,
    /// Another event's name.
    #[error("the message is {found}, not {expected}")]
    OtherEvent {
        /// The event of this queue.
        expected: &'static str,
        /// What the message says it is.
        found: String,
    },
    /// The bytes are no such message.
    #[error("the message is not valid protobuf")]
    Malformed(#[source] prost::DecodeError),
}

impl<E: Event> Delivery<E> {
    pub(super) fn decode(consumer: &str, raw: &RawDelivery) -> Result<Self, Undecodable> {
        if let Some(found) = raw.name.as_ref().filter(|name| *name != E::NAME) {
            return Err(Undecodable::OtherEvent {
                expected: E::NAME,
                found: found.clone(),
            });
        }
        Ok(Self {
            consumer: consumer.to_owned(),
            event_id: raw.id.ok_or(Undecodable::NoId)?,
            event: E::decode(raw.body.as_ref()).map_err(Undecodable::Malformed)?,
            correlation_id: raw.correlation_id.clone(),
            traceparent: raw.traceparent().map(ToOwned::to_owned),
            attempt: raw.attempt,
            redelivered: raw.redelivered,
        })
    }
}

impl RawDelivery {
    pub(super) fn new(delivery: &lapin::message::Delivery) -> Self {
        let properties = &delivery.properties;
        Self {
            id: properties
                .message_id()
                .as_ref()
                .and_then(|id| id.as_str().parse().ok()),
            name: owned(properties.kind().as_ref()),
            body: Arc::from(delivery.data.as_slice()),
            headers: text_headers(properties),
            correlation_id: owned(properties.correlation_id().as_ref()),
            attempt: failures(properties).saturating_add(1),
            redelivered: delivery.redelivered,
        }
    }

    /// The trace that caused it.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.headers.get(TRACEPARENT).map(String::as_str)
    }
}

/// How often a handler has failed on this message so far.
pub(super) fn failures(properties: &BasicProperties) -> u32 {
    let headers = properties.headers().as_ref();
    headers
        .and_then(|headers| text_header(headers, ATTEMPTS))
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn text_headers(properties: &BasicProperties) -> BTreeMap<String, String> {
    let empty = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&empty);
    let texts = headers.inner().keys().filter_map(|name| {
        let value = text_header(headers, name.as_str())?;
        Some((name.as_str().to_owned(), value))
    });
    texts.collect()
}

fn owned(text: Option<&ShortString>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}
