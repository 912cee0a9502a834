//! A feed that is not read any more, whose nights are free where nothing else closes them.

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use events::v1;
use storage::ical_feeds::{self, FeedChange};
use storage::{Context, calendar_blocks, outbox};

use crate::use_cases::change_feed::locked;
use crate::use_cases::conflicts::{message, settle_conflicts};

/// Removes the feed `id` with its blocks, and tells whether there was one.
pub(crate) async fn remove_feed(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: i64,
) -> Result<bool, DieselError> {
    conn.transaction(async |conn| {
        let Some(feed) = locked(conn, id).await? else {
            return Ok(false);
        };
        let mut blocks = calendar_blocks::listed_by(conn, feed.id).await?;
        let closing = blocks.iter().filter(|block| block.removed_at.is_none());
        let opened: Vec<v1::CalendarBlockRemoved> = closing
            .map(|block| v1::CalendarBlockRemoved {
                block: Some(message(block, feed.channel.clone())),
            })
            .collect();
        outbox::append_all(conn, context, &opened).await?;
        for block in &mut blocks {
            block.muted = false;
            block.removed_at = Some(context.now);
            block.updated_at = context.now;
        }
        calendar_blocks::save(conn, &blocks).await?;
        let gone = FeedChange {
            removed_at: Some(context.now),
            updated_at: Some(context.now),
            ..FeedChange::default()
        };
        ical_feeds::update(conn, feed.id, &gone).await?;
        settle_conflicts(conn, context, AccommodationId(feed.accommodation_id)).await?;
        Ok(true)
    })
    .await
}
