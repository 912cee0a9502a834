//! The calendar of one lodging for one channel.

use calendar::{Export, ExportSummary, ExportedEvent, Nights, Zone, export_uid};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::ical_feeds::{self, Feed};
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
    let events = exported_events(conn, accommodation, channel, domain, today).await?;
    let changes = events.iter().map(|event| event.changed_at);
    // A stay that was called off changes the file too, and leaves no event behind: the day's start bounds it.
    let modified_at = changes
        .chain([lodging.updated_at, zone.start_of(today)])
        .max()
        .unwrap_or(now);
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

/// The events of an export, which are also what a channel may send back as an echo.
pub(crate) async fn exported_events(
    conn: &mut AsyncPgConnection,
    accommodation: AccommodationId,
    channel: &str,
    domain: &str,
    today: time::Date,
) -> QueryResult<Vec<ExportedEvent>> {
    let stays = calendar_conflicts::own_stays(conn, accommodation.0, today).await?;
    let blocks = calendar_blocks::closing(conn, accommodation.0, today).await?;
    let feeds = ical_feeds::list(conn, Some(accommodation.0), 1_000).await?;
    let from_elsewhere = |feed: i64| {
        feeds.iter().any(
            |(
                Feed {
                    id, channel: theirs, ..
                },
                _,
            )| *id == feed && theirs != channel,
        )
    };
    let stays = stays.into_iter().filter_map(|stay| {
        let nights = Nights::new(stay.check_in, stay.check_out).ok()?;
        Some(ExportedEvent {
            uid: export_uid(stay.id, domain),
            nights,
            summary: ExportSummary::Reserved,
            sequence: u32::try_from(stay.sequence).unwrap_or(0),
            changed_at: stay.changed_at,
        })
    });
    let blocks = blocks.into_iter().filter_map(|block| {
        if !from_elsewhere(block.feed_id) || block.kind == "window" || block.echo_of.is_some() {
            return None;
        }
        let nights = Nights::new(block.starts_on, block.ends_on).ok()?;
        Some(ExportedEvent {
            uid: export_uid(block.id, domain),
            nights,
            summary: ExportSummary::NotAvailable,
            sequence: u32::try_from(block.sequence).unwrap_or(0),
            changed_at: block.updated_at,
        })
    });
    Ok(stays.chain(blocks).collect())
}
