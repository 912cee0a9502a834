//! What a reason of ours leaves behind when it ends: echoes of it close nothing any more, and its conflicts are over.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::{Context, accommodations, calendar_blocks};
use uuid::Uuid;

use crate::use_cases::conflicts::settle_conflicts;

/// Mutes the echoes of `reason` under the lodging's lock; their feeds may list them for days.
pub(crate) async fn release_reason(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
    reason: Uuid,
) -> QueryResult<()> {
    accommodations::lock(conn, accommodation).await?;
    for mut echo in calendar_blocks::echoes_of(conn, reason).await? {
        echo.muted = true;
        echo.removed_at = Some(context.now);
        echo.updated_at = context.now;
        calendar_blocks::update(conn, &echo).await?;
    }
    settle_conflicts(conn, context, accommodation).await
}
