//! Deliveries that came while PostgreSQL was away: stored under the same dedupe key, then announced like all others.

use messaging::{Outcome, RawDelivery};
use storage::Context;
use storage::webhook_deliveries::store_all;

use crate::state::AppState;
use crate::use_cases::received::Received;

/// Stores one delivery; while PostgreSQL is away it keeps its place.
pub(crate) async fn delivery_fallback(state: &AppState, message: RawDelivery) -> Outcome {
    let received = match Received::open(&message.body) {
        Ok(received) => received,
        Err(error) => return Outcome::Reject(error.into()),
    };
    let context = Context {
        traceparent: message.traceparent().map(ToOwned::to_owned),
        ..state.context()
    };
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let entry = (&context, &received.delivery, received.sequel());
    match store_all(&mut conn, &[entry]).await {
        Ok(new) => {
            if new.is_empty() {
                state.metrics.duplicate(received.delivery.source.as_str());
            }
            Outcome::Done
        }
        Err(error) if storage::error::is_unavailable(&error) => Outcome::Postpone(error.into()),
        Err(error) => Outcome::Retry(error.into()),
    }
}
