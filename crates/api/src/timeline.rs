//! What happened to a reservation.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// One change of a reservation, in the order in which they happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What: `held`, `confirmed`, `cancelled`, `expired`, `payment_pending`, …
    pub kind: String,
    /// Who: `guest`, `staff:<e-mail>` or `system:<service>`.
    pub actor: String,
    /// The trace in which it happened, to find its log lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What else is known; never a name, phone or e-mail address of a guest.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}
