//! What a delivery to our webhook address is: judged by shape first, by signature second.
//!
//! Two channels arrive at one address. Webhooks are signed; the legacy IPN is not (its signature never
//! verifies), so an IPN is at most a hint about what to read.

mod body;

use time::OffsetDateTime;

use self::body::Body;
use crate::id::Id;
use crate::query::{Single, single};
use crate::signature::{self, Notice, Secrets, SignatureError};

/// A delivery as received.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The pieces that are signed.
    pub notice: Notice<'a>,
    /// The body, which is never signed.
    pub body: &'a [u8],
}

/// What a notification is about, and so what to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// `GET /v1/payments/{id}`.
    Payment,
    /// `GET /merchant_orders/{id}`, then its payments.
    MerchantOrder,
    /// `GET /v1/chargebacks/{id}`, and somebody is told.
    Chargeback,
    /// `GET /post-purchase/v1/claims/{id}`, and somebody is told.
    Claim,
    /// The payment is read again, and somebody is told. Never delivered twice.
    FraudAlert,
    /// Something else, or nothing named: for the log.
    Other,
}

impl Topic {
    /// The topic behind the provider's word for it, in either channel.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "payment" => Self::Payment,
            "merchant_order" | "topic_merchant_order_wh" => Self::MerchantOrder,
            "chargebacks" | "topic_chargebacks_wh" => Self::Chargeback,
            "claim" | "topic_claims_integration_wh" => Self::Claim,
            "stop_delivery_op_wh" => Self::FraudAlert,
            _ => Self::Other,
        }
    }

    /// A name for events and metrics' labels.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::MerchantOrder => "merchant_order",
            Self::Chargeback => "chargeback",
            Self::Claim => "claim",
            Self::FraudAlert => "fraud_alert",
            Self::Other => "other",
        }
    }
}

/// A webhook of proven origin. Only the resource's id is signed; the topic says where to look for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic {
    /// What it is about.
    pub topic: Topic,
    /// The signed id; `None` if the query has none, and then there is only something to log.
    pub resource: Option<Id>,
    /// A payment that the body names beside the resource (a chargeback, a fraud alert): unsigned, a hint.
    pub payment_hint: Option<Id>,
    /// When the provider signed this attempt.
    pub signed_at: OffsetDateTime,
    /// Whether that was within [`signature::FRESHNESS`]; a stale one is processed all the same.
    pub fresh: bool,
}

/// What a delivery is worth, and so what to answer: 403 if ambiguous or refused, 200 otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A webhook that verifies: read its resource.
    Authentic(Authentic),
    /// An IPN: read the resource, at a limited rate; nothing in it is trusted.
    Hint {
        /// What it is about.
        topic: Topic,
        /// What to read.
        resource: Id,
    },
    /// Neither of the two shapes: counted.
    Unknown,
    /// A webhook that gives `data.id` twice: counted, refused.
    Ambiguous,
    /// A webhook that does not verify: counted, refused, an alert if there are many.
    Refused(SignatureError),
}

impl Verdict {
    /// A name for metrics' labels.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Authentic(_) => "authentic",
            Self::Hint { .. } => "hint",
            Self::Unknown => "unknown",
            Self::Ambiguous => "ambiguous",
            Self::Refused(_) => "refused",
        }
    }
}

/// Judges `delivery` as of `now`. Total: any bytes get a verdict.
#[must_use]
pub fn judge(secrets: &Secrets, now: OffsetDateTime, delivery: &Delivery<'_>) -> Verdict {
    let body = Body::parse(delivery.body);
    match shape(delivery.notice.query, &body) {
        Shape::Unknown => Verdict::Unknown,
        Shape::Ipn { topic, resource } => Verdict::Hint { topic, resource },
        Shape::Webhook { topic } => match signature::verify(secrets, now, &delivery.notice) {
            Err(SignatureError::Ambiguous) => Verdict::Ambiguous,
            Err(error) => Verdict::Refused(error),
            Ok(verified) => Verdict::Authentic(Authentic {
                topic,
                resource: verified.data_id().and_then(|id| id.parse().ok()),
                payment_hint: body.payment_id,
                signed_at: verified.signed_at(),
                fresh: verified.fresh(),
            }),
        },
    }
}

/// Which of the two channels a delivery came by.
enum Shape {
    Webhook { topic: Topic },
    Ipn { topic: Topic, resource: Id },
    Unknown,
}

/// `data.id` in the query makes a webhook whatever else there is, so that nobody escapes the signature by
/// adding an IPN's fields to one.
fn shape(query: &str, body: &Body) -> Shape {
    let word = |name| match single(query, name) {
        Single::One(value) => String::from_utf8(value).ok(),
        Single::Absent | Single::Repeated => None,
    };
    let type_word = word("type").or_else(|| body.type_word.clone());
    if single(query, "data.id") != Single::Absent {
        let named = type_word.or_else(|| word("topic"));
        return Shape::Webhook {
            topic: Topic::of(&named.unwrap_or_default()),
        };
    }
    let topic_word = word("topic").or_else(|| body.topic_word.clone());
    let resource = word("id")
        .and_then(|id| id.parse().ok())
        .or_else(|| body.resource.clone());
    if let (Some(topic), Some(resource)) = (topic_word, resource) {
        return Shape::Ipn {
            topic: Topic::of(&topic),
            resource,
        };
    }
    match type_word {
        Some(named) => Shape::Webhook {
            topic: Topic::of(&named),
        },
        None => Shape::Unknown,
    }
}

#[cfg(test)]
mod tests;
