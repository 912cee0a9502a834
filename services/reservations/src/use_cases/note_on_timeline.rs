//! Facts of other services that change nothing here but belong to the story of a reservation.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use serde_json::Value;
use storage::{Context, reservations, timeline};
use uuid::Uuid;

/// Adds a fact to the timeline of `reservation`, in the caller's transaction; false if there is no such reservation.
///
/// # Errors
///
/// The store's failure.
pub async fn note_on_timeline(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: Uuid,
    kind: &str,
    detail: Value,
) -> QueryResult<bool> {
    if reservations::find(conn, reservation).await?.is_none() {
        return Ok(false);
    }
    timeline::append(conn, context, reservation, kind, detail).await?;
    Ok(true)
}
