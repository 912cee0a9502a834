//! Blocks that only echo another reason for closed nights, when that reason ends.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::calendar_blocks::Block;
use storage::{Context, calendar_blocks, calendar_conflicts};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::use_cases::conflicts::removed;

/// How long an echo of another channel's block may outlive it: by then its channel has read us, and what it still
/// lists is its own.
const GRACE: Duration = Duration::hours(6);

/// What became of the reason that a block echoes.
enum Reason {
    Stands,
    /// A stay of ours that was called off.
    OurStayEnded,
    /// A block that its channel gave up.
    BlockEnded(OffsetDateTime),
    Unknown,
}

/// Lets go of the lodging's echoes whose reason is gone. Call it under the lodging's lock.
///
/// An echo of a stay of ours closes nothing any more, though its feed may list it for days. An echo of another
/// channel's block closes its nights until its own channel lets go, and is its channel's own if it does not.
pub(crate) async fn settle_echoes(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
) -> QueryResult<()> {
    let echoes: Vec<(Block, Uuid)> = calendar_blocks::echoes(conn, accommodation.0)
        .await?
        .into_iter()
        .filter_map(|block| block.echo_of.map(|reason| (block, reason)))
        .collect();
    if echoes.is_empty() {
        return Ok(());
    }
    let reasons: Vec<Uuid> = echoes.iter().map(|(_, reason)| *reason).collect();
    let stays = calendar_conflicts::stays_among(conn, &reasons).await?;
    let blocks = calendar_blocks::removals(conn, &reasons).await?;
    let mut changed = Vec::new();
    for (mut echo, reason) in echoes {
        match fate(reason, &stays, &blocks) {
            Reason::Stands => continue,
            Reason::BlockEnded(at) if context.now < at + GRACE => continue,
            Reason::OurStayEnded => {
                echo.muted = true;
                echo.removed_at = Some(context.now);
                removed(conn, context, &echo).await?;
            }
            Reason::BlockEnded(_) | Reason::Unknown => {
                echo.echo_of = None;
                echo.sequence = echo.sequence.saturating_add(1);
            }
        }
        echo.updated_at = context.now;
        changed.push(echo);
    }
    calendar_blocks::save(conn, &changed).await
}

fn fate(reason: Uuid, stays: &[(Uuid, bool)], blocks: &[(Uuid, Option<OffsetDateTime>)]) -> Reason {
    if let Some((_, stands)) = stays.iter().find(|(id, _)| *id == reason) {
        return if *stands {
            Reason::Stands
        } else {
            Reason::OurStayEnded
        };
    }
    match blocks.iter().find(|(id, _)| *id == reason) {
        Some((_, None)) => Reason::Stands,
        Some((_, Some(at))) => Reason::BlockEnded(*at),
        None => Reason::Unknown,
    }
}
