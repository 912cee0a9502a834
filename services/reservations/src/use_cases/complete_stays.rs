//! The day after check-out, a stay is complete.

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::reservation::Status;
use serde_json::json;
use storage::reservations::{self, Due};
use storage::{Context, timeline};

use super::house_day::house_day;

/// How many stays are looked at in one go.
const BATCH: i64 = 200;

/// Completes the stays whose day of departure is past in their house, and tells how many.
///
/// # Errors
///
/// The store's failure.
pub async fn complete_stays(conn: &mut AsyncPgConnection, context: &Context) -> QueryResult<usize> {
    // East of Greenwich the house may be a day ahead of UTC.
    let before = context.now.date().next_day().unwrap_or(time::Date::MAX);
    let mut completed = 0;
    for due in reservations::stays_to_complete(conn, before, BATCH).await? {
        let over = due.check_out < house_day(&due.time_zone, context.now);
        if over && complete(conn, context, &due).await? {
            completed += 1;
        }
    }
    Ok(completed)
}

async fn complete(conn: &mut AsyncPgConnection, context: &Context, due: &Due) -> QueryResult<bool> {
    conn.transaction(async |conn| {
        if reservations::lock(conn, due.id).await?.is_none() {
            return Ok(false);
        }
        let ended =
            reservations::end(conn, due.id, Status::Confirmed, Status::Completed, context.now).await?;
        if ended {
            timeline::append(conn, context, due.id, "completed", json!({})).await?;
        }
        Ok(ended)
    })
    .await
}
