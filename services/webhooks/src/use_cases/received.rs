//! A judged delivery on its way to a store.

use events::v1;
use serde::{Deserialize, Serialize};
use storage::webhook_deliveries::{NewDelivery, Sequel, Source, Verdict};
use time::OffsetDateTime;
use uuid::Uuid;

/// A delivery that is worth keeping, and what is announced about it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) delivery: NewDelivery,
    /// Why nobody works on it; `None`: it is announced.
    pub(crate) idle: Option<&'static str>,
}

/// What a message carries beside the body while PostgreSQL is away.
#[derive(Serialize, Deserialize)]
struct Envelope {
    id: Uuid,
    source: String,
    dedupe_key: String,
    query: String,
    headers: serde_json::Value,
    verdict: String,
    topic: Option<String>,
    resource_id: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    received_at: OffsetDateTime,
    idle: Option<String>,
}

/// A message that is no delivery of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotADelivery {
    /// There is no envelope.
    #[error("the message has no envelope")]
    NoEnvelope,
    /// The envelope cannot be read.
    #[error("the message's envelope is malformed")]
    Malformed(#[source] serde_json::Error),
    /// A word of the envelope is none of ours.
    #[error("the message's {0} is none of ours")]
    Word(&'static str),
}

/// Why nobody works on a stored delivery.
pub(crate) const IDLE: [&str; 3] = ["not_json", "no_resource", "unknown_topic"];

impl Received {
    /// What is stored with it.
    pub(crate) fn sequel(&self) -> Sequel {
        let delivery = &self.delivery;
        match (self.idle, delivery.source) {
            (Some(idle), _) => Sequel::Idle(idle),
            (None, Source::Whatsapp) => Sequel::announced(&whatsapp_received(delivery.id)),
            (None, Source::Mercadopago) => {
                let (topic, resource) = (delivery.topic.as_deref(), delivery.resource_id.as_deref());
                Sequel::announced(&mercadopago_notified(
                    delivery.id,
                    delivery.verdict,
                    topic,
                    resource,
                ))
            }
        }
    }

    /// The delivery as one message: a line of JSON with everything but the body, then the body.
    ///
    /// Not in AMQP's headers: those must fit one frame, and a longer query would cost the connection.
    pub(crate) fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        let delivery = &self.delivery;
        let mut sealed = serde_json::to_vec(&Envelope {
            id: delivery.id,
            source: delivery.source.as_str().to_owned(),
            dedupe_key: delivery.dedupe_key.clone(),
            query: delivery.query.clone(),
            headers: delivery.headers.clone(),
            verdict: delivery.verdict.as_str().to_owned(),
            topic: delivery.topic.clone(),
            resource_id: delivery.resource_id.clone(),
            received_at: delivery.received_at,
            idle: self.idle.map(str::to_owned),
        })?;
        sealed.push(b'\n');
        sealed.extend_from_slice(&delivery.body);
        Ok(sealed)
    }

    /// The delivery that [`Self::seal`] made a message of.
    pub(crate) fn open(sealed: &[u8]) -> Result<Self, NotADelivery> {
        let mut parts = sealed.splitn(2, |byte| *byte == b'\n');
        let (Some(line), Some(body)) = (parts.next(), parts.next()) else {
            return Err(NotADelivery::NoEnvelope);
        };
        let envelope: Envelope = serde_json::from_slice(line).map_err(NotADelivery::Malformed)?;
        let idle = match envelope.idle {
            None => None,
            Some(word) => {
                let known = IDLE.into_iter().find(|known| *known == word);
                Some(known.ok_or(NotADelivery::Word("idle"))?)
            }
        };
        Ok(Self {
            delivery: NewDelivery {
                id: envelope.id,
                source: Source::named(&envelope.source).ok_or(NotADelivery::Word("source"))?,
                dedupe_key: envelope.dedupe_key,
                query: envelope.query,
                headers: envelope.headers,
                body: body.to_vec(),
                verdict: Verdict::named(&envelope.verdict).ok_or(NotADelivery::Word("verdict"))?,
                topic: envelope.topic,
                resource_id: envelope.resource_id,
                received_at: envelope.received_at,
            },
            idle,
        })
    }
}

/// The fact that a delivery of WhatsApp is stored.
pub(crate) fn whatsapp_received(id: Uuid) -> v1::WebhookWhatsappReceived {
    v1::WebhookWhatsappReceived {
        delivery_id: id.to_string(),
    }
}

/// The fact that a delivery of Mercado Pago is stored.
pub(crate) fn mercadopago_notified(
    id: Uuid,
    verdict: Verdict,
    topic: Option<&str>,
    resource: Option<&str>,
) -> v1::WebhookMercadopagoNotified {
    v1::WebhookMercadopagoNotified {
        delivery_id: id.to_string(),
        topic: topic.unwrap_or_default().to_owned(),
        resource_id: resource.unwrap_or_default().to_owned(),
        authentic: verdict == Verdict::Authentic,
    }
}
