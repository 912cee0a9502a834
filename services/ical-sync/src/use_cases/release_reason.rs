//! What a stay of ours leaves behind when it ends: echoes of it close nothing any more, and its conflicts are over.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::{Context, accommodations};

use crate::use_cases::conflicts::settle_conflicts;
use crate::use_cases::echoes::settle_echoes;

/// Settles the lodging's echoes and conflicts under its lock.
pub(crate) async fn release_reason(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
) -> QueryResult<()> {
    accommodations::lock(conn, accommodation).await?;
    settle_echoes(conn, context, accommodation).await?;
    settle_conflicts(conn, context, accommodation).await
}
