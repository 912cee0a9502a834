//! Feeds as people see them: without the secret parts of their addresses.

use api::feed::{Feed, FeedEvent, FeedPreview};
use calendar::Parsed;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use storage::calendar_conflicts::{self, OwnStay};
use storage::ical_feeds::Feed as Stored;
use time::Date;

use crate::hosts::host_of;
use crate::state::AppState;
use crate::use_cases::standing::{Readers, exposure, read_at, standing};

/// How many events, and how many warnings, of a feed are shown.
const SHOWN: usize = 200;

pub(in crate::http) fn feed(state: &AppState, readers: &Readers, feed: Stored) -> Feed {
    let now = state.clock.now();
    let standing = standing(&feed, state.stale_after(), now);
    let exposure = exposure(&feed, readers, now);
    Feed {
        id: feed.id,
        accommodation_id: feed.accommodation_id,
        host: host_of(&feed.url),
        paused: feed.paused,
        state: standing.state,
        reason: standing.reason,
        since: standing.since,
        last_success_at: feed.last_success_at,
        last_attempt_at: feed.last_attempt_at,
        next_fetch_at: feed.next_fetch_at,
        age_minutes: (now - read_at(&feed)).whole_minutes(),
        reads_ours: readers.has(&feed),
        read_ours_at: readers.last_read_by(&feed),
        channel: feed.channel,
        exposure_minutes: exposure.whole().whole_minutes(),
    }
}

/// What a feed says, before anything is stored; `stays` are ours, which its events may lie over.
pub(in crate::http) async fn preview(
    conn: &mut AsyncPgConnection,
    accommodation: AccommodationId,
    parsed: &Parsed,
    today: Date,
) -> QueryResult<FeedPreview> {
    let stays = calendar_conflicts::own_stays(conn, accommodation.0, today).await?;
    let events = parsed.events.iter().take(SHOWN).map(|event| {
        let (starts_on, ends_on) = (event.nights.start(), event.nights.end());
        FeedEvent {
            starts_on,
            ends_on,
            kind: event.kind.as_str().to_owned(),
            overlaps: overlapping(&stays, starts_on, ends_on),
        }
    });
    Ok(FeedPreview {
        channel: parsed.channel.as_str().to_owned(),
        events: events.collect(),
        events_total: parsed.events.len(),
        nights: parsed.nights().from(today).count(),
        warnings: parsed
            .warnings
            .iter()
            .take(SHOWN)
            .map(ToString::to_string)
            .collect(),
    })
}

fn overlapping(stays: &[OwnStay], starts_on: Date, ends_on: Date) -> Vec<String> {
    let over = stays
        .iter()
        .filter(|stay| starts_on < stay.check_out && stay.check_in < ends_on);
    over.map(|stay| stay.code.clone()).collect()
}
