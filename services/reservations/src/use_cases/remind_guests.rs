//! A reminder shortly before an unpaid hold ends.

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;
use storage::{Context, reservations, timeline};
use time::Duration;

/// How many holds are looked at in one go.
const BATCH: i64 = 200;

/// Marks the holds that end within `ahead`, once each, and tells how many; who talks with guests sees the mark.
///
/// # Errors
///
/// The store's failure.
pub async fn remind_guests(
    conn: &mut AsyncPgConnection,
    context: &Context,
    ahead: Duration,
) -> QueryResult<usize> {
    conn.transaction(async |conn| {
        let before = context.now + ahead;
        let ids = reservations::holds_to_remind(conn, context.now, before, BATCH).await?;
        reservations::remind(conn, &ids, context.now).await?;
        for id in &ids {
            timeline::append(conn, context, *id, "reminder_due", json!({})).await?;
        }
        Ok(ids.len())
    })
    .await
}
