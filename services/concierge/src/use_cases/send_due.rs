//! Sending what is due: claimed with a lease, so that of several senders one sends each message.
//!
//! A sender that dies leaves its messages claimed. When the lease is over they are due again: by then a status would
//! have brought back our id and proved a message sent. Meta has no idempotency key; where it says nothing within that
//! time, the message goes out once more, with the same id (the contract's decision).

use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use storage::{StoreFailure, messages};

use super::deliver::deliver;
use crate::state::AppState;

/// Sends one batch of due messages, all at once, and comes again if there may be more.
pub(crate) async fn send_due(state: &AppState) -> Result<(), StoreFailure> {
    let Some(client) = &state.client else {
        return Ok(());
    };
    let now = state.clock.now();
    let limit = state.gate.permits(now);
    if limit == 0 {
        return Ok(());
    }
    let claimed = {
        let mut conn = state.database.get().await?;
        let lease_ends = now + state.sending.timeout + state.sending.grace;
        conn.transaction(async |conn| messages::claim(conn, now, lease_ends, limit).await)
            .await?
    };
    if i64::try_from(claimed.len()) == Ok(limit) {
        state.due.nudge();
    }
    join_all(claimed.iter().map(|due| deliver(state, client, due, now))).await;
    Ok(())
}
