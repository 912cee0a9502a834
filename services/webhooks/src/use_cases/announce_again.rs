//! The sweep behind the deliveries' events: what nobody has worked on is announced again.

use diesel_async::AsyncConnection;
use storage::{StoreFailure, webhook_deliveries};
use time::Duration;

use super::announce::announce;
use crate::state::AppState;

/// How old a delivery is before it is missed.
const MISSED_AFTER: Duration = Duration::minutes(1);

/// How many are announced again in one run.
const BATCH: i64 = 100;

/// Announces again the deliveries that nobody has worked on, and tells how many.
pub(crate) async fn announce_again(state: &AppState) -> Result<usize, StoreFailure> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    let missed = conn
        .transaction(async |conn| {
            let before = context.now - MISSED_AFTER;
            let missed = webhook_deliveries::unprocessed_since(conn, before, context.now, BATCH).await?;
            for delivery in &missed {
                announce(conn, &context, delivery).await?;
            }
            Ok::<_, diesel::result::Error>(missed)
        })
        .await?;
    for delivery in &missed {
        state.metrics.announced_again(delivery.source.as_str());
    }
    if !missed.is_empty() {
        tracing::warn!(
            deliveries = missed.len(),
            "{} deliveries announced again",
            missed.len()
        );
    }
    Ok(missed.len())
}
