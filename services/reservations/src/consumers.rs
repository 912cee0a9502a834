//! What the service does when other services announce something. Each effect and its inbox row are one transaction.

mod calendar_conflict_found;
mod noted;
mod once;
mod payment_approved;
mod payment_disputed;
mod payment_refunded;

use std::sync::Arc;

use events::v1;
use messaging::{Broker, Clock, Consumers, Delivery, RunningConsumers};
pub(crate) use payment_approved::settled_by;

use crate::state::AppState;

/// Starts every consumer of the service.
pub(crate) fn start(
    broker: &Broker,
    clock: Clock,
    state: &Arc<AppState>,
) -> anyhow::Result<RunningConsumers> {
    macro_rules! handler {
        ($event:ty, $handle:path) => {{
            let state = state.clone();
            move |delivery: Delivery<$event>| {
                let state = state.clone();
                async move { $handle(&state, delivery).await }
            }
        }};
    }
    let running = Consumers::new(broker, clock)
        .on(handler!(v1::PaymentApproved, payment_approved::payment_approved))
        .on(handler!(v1::PaymentPending, noted::payment_pending))
        .on(handler!(v1::PaymentRejected, noted::payment_rejected))
        .on(handler!(v1::PaymentRefunded, payment_refunded::payment_refunded))
        .on(handler!(v1::PaymentDisputed, payment_disputed::payment_disputed))
        .on(handler!(v1::PaymentLinkReady, noted::link_ready))
        .on(handler!(
            v1::CalendarConflictFound,
            calendar_conflict_found::calendar_conflict_found
        ))
        .start()?;
    Ok(running)
}
