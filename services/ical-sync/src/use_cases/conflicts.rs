//! Closures of other channels over stays of ours: found, and over when either side goes away.

use calendar::{NightSet, Nights};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use events::v1;
use serde_json::json;
use storage::calendar_blocks::Block;
use storage::calendar_conflicts::{self, OwnStay};
use storage::{Context, calendar_blocks, ical_feeds, outbox, timeline};
use time::Date;

/// Compares every closure with every stay of the lodging, from yesterday on. Call it under the lodging's lock.
pub(crate) async fn settle_conflicts(
    conn: &mut AsyncPgConnection,
    context: &Context,
    accommodation: AccommodationId,
) -> QueryResult<()> {
    // A day of slack covers every time zone: what ended yesterday is no conflict in any.
    let today = context.now.date().previous_day().unwrap_or(Date::MIN);
    let stays = calendar_conflicts::own_stays(conn, accommodation.0, today).await?;
    let blocks = calendar_blocks::closing(conn, accommodation.0, today).await?;
    let ours: NightSet = stays
        .iter()
        .filter_map(|stay| Nights::new(stay.check_in, stay.check_out).ok())
        .collect();
    let mut standing = Vec::new();
    for block in blocks.iter().filter(|block| is_somebody_elses(block, &ours)) {
        standing.extend(
            stays
                .iter()
                .filter(|stay| overlap(block, stay))
                .map(|stay| (block, stay)),
        );
    }
    for open in calendar_conflicts::open_of(conn, accommodation.0).await? {
        if !standing
            .iter()
            .any(|(block, stay)| (block.id, stay.id) == (open.block_id, open.reservation_id))
        {
            calendar_conflicts::close(conn, open.id, "system:ical-sync", None, context.now).await?;
            let detail = json!({ "conflict_id": open.id });
            timeline::append(
                conn,
                context,
                open.reservation_id,
                "calendar_conflict_over",
                detail,
            )
            .await?;
        }
    }
    for (block, stay) in standing {
        if let Some(id) =
            calendar_conflicts::insert(conn, accommodation.0, block.id, stay.id, context.now).await?
        {
            let feed = ical_feeds::find(conn, block.feed_id).await?;
            let event = v1::CalendarConflictFound {
                conflict_id: id.to_string(),
                block: Some(message(block, feed.map(|feed| feed.channel).unwrap_or_default())),
                reservation_id: stay.id.to_string(),
                reservation_code: stay.code.clone(),
            };
            outbox::append(conn, context, &event).await?;
            tracing::warn!(
                reservation.code = stay.code,
                feed.id = block.feed_id,
                "ical_sync: a closure lies over a stay of ours"
            );
        }
    }
    Ok(())
}

/// Whether a closure tells of somebody else's stay: no window, no echo, and no closure that our own stays explain.
fn is_somebody_elses(block: &Block, ours: &NightSet) -> bool {
    let explained = Nights::new(block.starts_on, block.ends_on).is_ok_and(|nights| ours.covers(nights));
    match block.kind.as_str() {
        "stay" => block.echo_of.is_none(),
        "closure" => block.echo_of.is_none() && !explained,
        _ => false,
    }
}

fn overlap(block: &Block, stay: &OwnStay) -> bool {
    block.starts_on < stay.check_out && stay.check_in < block.ends_on
}

/// Announces that the block's nights were given back, with the channel of its feed.
pub(crate) async fn removed(
    conn: &mut AsyncPgConnection,
    context: &Context,
    block: &Block,
) -> QueryResult<()> {
    let channel = ical_feeds::find(conn, block.feed_id)
        .await?
        .map(|feed| feed.channel);
    let event = v1::CalendarBlockRemoved {
        block: Some(message(block, channel.unwrap_or_default())),
    };
    outbox::append(conn, context, &event).await?;
    Ok(())
}

/// A block as events tell it.
pub(crate) fn message(block: &Block, channel: String) -> v1::Block {
    v1::Block {
        id: block.id.to_string(),
        accommodation_id: block.accommodation_id,
        feed_id: block.feed_id,
        channel,
        starts_on: block.starts_on.to_string(),
        ends_on: block.ends_on.to_string(),
        kind: block.kind.clone(),
    }
}
