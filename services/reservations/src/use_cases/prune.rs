//! Forgetting what no longer serves: announced events, done events, old answers.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use storage::{idempotency, inbox, outbox};
use time::{Duration, OffsetDateTime};

/// How long announced events are kept for people who look for them.
const OUTBOX: Duration = Duration::days(14);
/// How long an event may come twice; far beyond the retries of every queue.
const INBOX: Duration = Duration::days(30);
const BATCH: i64 = 10_000;

/// Forgets what is past its time, in statements of bounded size.
///
/// # Errors
///
/// The store's failure.
pub async fn prune(conn: &mut AsyncPgConnection, now: OffsetDateTime) -> QueryResult<()> {
    let all = usize::try_from(BATCH).unwrap_or(0);
    while outbox::prune(conn, now - OUTBOX, BATCH).await? == all {}
    while inbox::prune(conn, now - INBOX, BATCH).await? == all {}
    while idempotency::prune(conn, now, BATCH).await? == all {}
    Ok(())
}
