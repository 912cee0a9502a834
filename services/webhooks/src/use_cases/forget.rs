//! Forgetting old deliveries: they hold people's words, names and numbers.

use storage::{StoreFailure, webhook_deliveries};

use crate::state::AppState;

/// How many one statement forgets.
const BATCH: i64 = 1_000;

/// Forgets the deliveries that were dealt with long ago. One that waits for somebody stays, however old.
pub(crate) async fn forget(state: &AppState) -> Result<(), StoreFailure> {
    let before = state.clock.now() - state.kept_for;
    let all = usize::try_from(BATCH).unwrap_or(0);
    let mut conn = state.database.get().await?;
    while webhook_deliveries::prune(&mut conn, before, BATCH).await? == all {}
    Ok(())
}
