//! The calendar of one lodging for one channel.

use std::collections::HashMap;

use calendar::{Export, ExportSummary, ExportedEvent, Nights, Zone, export_uid};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::ical_feeds;
use storage::{accommodations, calendar_blocks, calendar_conflicts};
use time::{Duration, OffsetDateTime};

use crate::state::Body;

/// How often a reader is asked to come back.
const REFRESH: Duration = Duration::hours(1);

/// A calendar as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Exported {
    pub(crate) body: Body,
    pub(crate) etag: String,
    pub(crate) modified_at: OffsetDateTime,
}

/// What `channel` may read of a lodging: our stays, and what other channels closed, but nothing that came from it.
///
/// `None` if there is no such lodging.
pub(crate) async fn export(
    conn: &mut AsyncPgConnection,
    accommodation: AccommodationId,
    channel: &str,
    domain: &str,
    now: OffsetDateTime,
) -> QueryResult<Option<Exported>> {
    let Some(lodging) = accommodations::find(conn, accommodation).await? else {
        return Ok(None);
    };
    let zone = Zone::named(&lodging.facts.time_zone).unwrap_or(Zone::UTC);
    let today = zone.date_of(now);
    let reasons = reasons(conn, accommodation, channel, domain, today).await?;
    // What was called off or released changes the file too, and so does the day on which a stay is over.
    let modified_at = [
        Some(lodging.updated_at),
        Some(zone.start_of(today)),
        calendar_conflicts::stays_changed_at(conn, accommodation.0, today).await?,
        calendar_blocks::changed_at(conn, accommodation.0, today).await?,
    ];
    let modified_at = modified_at.into_iter().flatten().max().unwrap_or(now);
    let events = reasons.into_iter().map(|reason| reason.event).collect();
    let name = &lodging.facts.name;
    let body = calendar::write(&Export {
        name,
        refresh: REFRESH,
        today,
        events,
    });
    Ok(Some(Exported {
        etag: calendar::etag(&body),
        body: body.into(),
        modified_at,
    }))
}

/// Why nights are closed for a channel: what it may read, and what it may send back as an echo.
pub(crate) struct Reason {
    pub(crate) event: ExportedEvent,
    /// Since when we have it.
    pub(crate) known_since: OffsetDateTime,
    /// Whether it is a stay of ours, and not another channel's.
    pub(crate) is_ours: bool,
}

/// The reasons for closed nights of a lodging that did not come from `channel`.
pub(crate) async fn reasons(
    conn: &mut AsyncPgConnection,
    accommodation: AccommodationId,
    channel: &str,
    domain: &str,
    today: time::Date,
) -> QueryResult<Vec<Reason>> {
    let stays = calendar_conflicts::own_stays(conn, accommodation.0, today).await?;
    let blocks = calendar_blocks::closing(conn, accommodation.0, today).await?;
    let feeds = ical_feeds::list(conn, Some(accommodation.0), 0, 1_000).await?;
    let channels: HashMap<i64, String> = feeds
        .into_iter()
        .map(|(feed, _)| (feed.id, feed.channel))
        .collect();
    let stays = stays.into_iter().filter_map(|stay| {
        let event = ExportedEvent {
            uid: export_uid(stay.id, domain),
            nights: Nights::new(stay.check_in, stay.check_out).ok()?,
            summary: ExportSummary::Reserved,
            sequence: u32::try_from(stay.sequence).unwrap_or(0),
            changed_at: stay.changed_at,
        };
        Some(Reason {
            event,
            known_since: stay.created_at,
            is_ours: true,
        })
    });
    let blocks = blocks.into_iter().filter_map(|block| {
        channels.get(&block.feed_id).filter(|theirs| *theirs != channel)?;
        if block.kind == "window" || block.echo_of.is_some() {
            return None;
        }
        let event = ExportedEvent {
            uid: export_uid(block.id, domain),
            nights: Nights::new(block.starts_on, block.ends_on).ok()?,
            summary: ExportSummary::NotAvailable,
            sequence: u32::try_from(block.sequence).unwrap_or(0),
            changed_at: block.updated_at,
        };
        Some(Reason {
            event,
            known_since: block.created_at,
            is_ours: false,
        })
    });
    Ok(stays.chain(blocks).collect())
}
