//! Stored deliveries, for staff.

pub(super) mod list;
pub(super) mod replay;
pub(super) mod show;

use storage::webhook_deliveries::DeliverySummary;

/// A delivery as lists show it.
fn view(delivery: DeliverySummary) -> api::delivery::Delivery {
    api::delivery::Delivery {
        id: delivery.id,
        source: delivery.source.as_str().to_owned(),
        verdict: delivery.verdict.as_str().to_owned(),
        topic: delivery.topic,
        resource_id: delivery.resource_id,
        trace_id: delivery.trace_id,
        received_at: delivery.received_at,
        processed_at: delivery.processed_at,
        outcome: delivery.outcome,
    }
}
