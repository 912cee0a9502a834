//! Before nights are sold, the lodging's other calendars are looked at once more. Nothing is locked meanwhile.

use std::sync::Arc;
use std::time::Duration as Patience;

use storage::StoreFailure;
use storage::ical_feeds::{self, Feed, put_back};
use time::{Duration, OffsetDateTime};
use tokio::time::{Instant, timeout_at};

use crate::hosts::Visit;
use crate::jobs::{LEASE, read, write_unchanged};
use crate::state::AppState;

/// Between two looks at feeds that another replica reads.
const LOOK_EVERY: Patience = Patience::from_millis(50);

/// For how long it is good that a feed is outdated: a crowd that wants one lodging looks once.
const OUTDATED_GOOD_FOR: Duration = Duration::seconds(5);

/// For how long it is good at most that all are fresh; one that is added or resumed meanwhile is read by itself.
const FRESH_GOOD_FOR: Duration = Duration::MINUTE;

/// How the lodging's feeds are after a recheck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rechecked {
    /// Those that are read at all.
    pub(crate) feeds: usize,
    /// Those of which nothing recent is known.
    pub(crate) outdated: usize,
    /// For how long nobody needs to look again.
    pub(crate) good_for: Duration,
}

/// Reads the lodging's outdated feeds again and waits for them, at most `patience`. A feed that takes longer is read to
/// its end all the same; one that another replica reads is waited for.
pub(crate) async fn recheck(
    state: &Arc<AppState>,
    accommodation: i64,
    patience: Patience,
) -> Result<Rechecked, StoreFailure> {
    let deadline = Instant::now() + patience;
    let now = state.clock.now();
    let fresh_since = now - Duration::minutes(state.settings.ical_recheck_minutes);
    let (fresh, _) = look(state, accommodation, fresh_since, now).await?;
    if fresh.outdated == 0 {
        return Ok(fresh);
    }
    let mut conn = state.database.get().await?;
    let claimed = ical_feeds::claim_outdated(&mut conn, accommodation, fresh_since, now, LEASE).await?;
    for feed in claimed {
        match state.hosts.visit(&feed.url, now) {
            Ok(visit) => {
                tokio::spawn(read_and_write(state.clone(), feed, visit));
            }
            Err(later) => put_back(&mut conn, &[feed.id], later).await?,
        }
    }
    drop(conn);
    loop {
        let synced = state.synced.notified();
        let (rechecked, being_read) = look(state, accommodation, fresh_since, now).await?;
        if !being_read || deadline <= Instant::now() {
            return Ok(rechecked);
        }
        let next_look = deadline.min(Instant::now() + LOOK_EVERY);
        let _told_or_time = timeout_at(next_look, synced).await;
    }
}

/// How the lodging's feeds are, and whether somebody is reading one that is outdated.
async fn look(
    state: &AppState,
    accommodation: i64,
    fresh_since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(Rechecked, bool), StoreFailure> {
    let mut conn = state.database.get().await?;
    let feeds = ical_feeds::list(&mut conn, Some(accommodation), 0, 1_000).await?;
    let read = feeds.iter().map(|(feed, _)| feed).filter(|feed| !feed.paused);
    let mut outdated = read
        .clone()
        .filter(|feed| feed.last_success_at.is_none_or(|at| at < fresh_since));
    let first_outdated_in = read
        .clone()
        .filter_map(|feed| feed.last_success_at)
        .map(|at| at - fresh_since)
        .min();
    let count = outdated.clone().count();
    let rechecked = Rechecked {
        feeds: read.count(),
        outdated: count,
        good_for: match count {
            0 => first_outdated_in.unwrap_or(FRESH_GOOD_FOR).min(FRESH_GOOD_FOR),
            _ => OUTDATED_GOOD_FOR,
        },
    };
    let being_read = outdated.any(|feed| feed.is_being_read(now, LEASE));
    Ok((rechecked, being_read))
}

/// Reads one feed to its end.
async fn read_and_write(state: Arc<AppState>, feed: Feed, visit: Visit) {
    let unchanged = read(state.clone(), feed, visit).await;
    if let Err(error) = write_unchanged(&state, unchanged.as_slice()).await {
        let cause = telemetry::trace::chain(&error);
        tracing::warn!(
            cause,
            "ical_sync: a feed that was looked at again could not be stored"
        );
    }
}
