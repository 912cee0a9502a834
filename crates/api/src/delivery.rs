//! What providers sent, for staff.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A stored delivery of a provider's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// `whatsapp` or `mercadopago`.
    pub source: String,
    /// `authentic`, `hint` (anybody may have sent it) or `dead` (authentic, and nobody can work on it).
    pub verdict: String,
    /// What it is about: `payment`, `merchant_order`, `chargeback`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The provider's id of what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The trace in which it came, to find its log lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// When it came.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// When it was worked on.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub processed_at: Option<OffsetDateTime>,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// A stored delivery with its bytes; they may hold a guest's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryDetail {
    /// What lists show.
    pub delivery: Delivery,
    /// The raw query string.
    pub query: String,
    /// The headers that were kept.
    #[schema(value_type = Object)]
    pub headers: serde_json::Value,
    /// The body as text; bytes that are no text are replaced.
    pub body: String,
}

/// A delivery that is worked on once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// The delivery.
    pub delivery_id: Uuid,
    /// The event that announces it.
    pub event_id: Uuid,
}
