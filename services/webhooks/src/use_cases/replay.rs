//! A person has a delivery worked on once more.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use storage::Context;
use storage::webhook_deliveries::{self, Verdict};
use uuid::Uuid;

use super::announce::announce;

/// Why a delivery is not replayed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// There is no such delivery.
    #[error("there is no such delivery")]
    Unknown,
    /// Nobody can work on it, now as before.
    #[error("nobody can work on this delivery")]
    Dead,
    /// The store's failure.
    #[error("replay a delivery")]
    Query(#[from] diesel::result::Error),
}

/// Announces a stored delivery under a new event id, so that it is worked on again; effects are still exactly once.
pub(crate) async fn replay(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: Uuid,
) -> Result<Uuid, ReplayError> {
    conn.transaction(async |conn| {
        let delivery = webhook_deliveries::find(conn, id)
            .await?
            .ok_or(ReplayError::Unknown)?;
        if delivery.summary.verdict == Verdict::Dead {
            return Err(ReplayError::Dead);
        }
        webhook_deliveries::reopen(conn, id).await?;
        Ok(announce(conn, context, &delivery.summary).await?)
    })
    .await
}
