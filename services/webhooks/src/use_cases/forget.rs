//! Forgetting old deliveries: they hold people's words, names and numbers.

use storage::{DatabaseUnavailable, webhook_deliveries};

use crate::state::AppState;

/// How many one statement forgets.
const BATCH: i64 = 1_000;

/// Why deliveries were not forgotten; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForgetError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// A statement failed.
    #[error("forget deliveries")]
    Query(#[from] diesel::result::Error),
}

/// Forgets the deliveries that were dealt with long ago. One that waits for somebody stays, however old.
pub(crate) async fn forget(state: &AppState) -> Result<(), ForgetError> {
    let before = state.clock.now() - state.kept_for;
    let all = usize::try_from(BATCH).unwrap_or(0);
    let mut conn = state.database.get().await?;
    while webhook_deliveries::prune(&mut conn, before, BATCH).await? == all {}
    Ok(())
}
