//! What the service does by the clock: it reads the feeds that are due. Any number of replicas share them.

use std::sync::Arc;
use std::time::Duration;

use service::background::Background;
use storage::StoreFailure;
use storage::ical_feeds::{self, Feed, Unchanged, put_back};
use tokio_util::task::JoinMap;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::hosts::Visit;
use crate::state::AppState;
use crate::use_cases::sync_feed::sync_feed;

/// How often due feeds are looked for.
const PERIOD: Duration = Duration::from_secs(5);

/// How long to wait, after a reading has ended, for others that end: they share a statement and a look for due feeds.
const GATHER: Duration = Duration::from_millis(10);

/// How long readings may go on when the service stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a taken feed is left to whoever took it; longer than a fetch may last.
pub(crate) const LEASE: time::Duration = time::Duration::seconds(150);

/// Reads due feeds until the service stops. A slow one takes its own turn, and nobody else's.
pub(crate) fn start(background: &Background, state: &Arc<AppState>) {
    let (state, token) = (state.clone(), background.token());
    background.spawn("sync feeds", async move {
        let mut readings = Readings::default();
        while !token.is_cancelled() {
            if let Err(error) = readings.take_turns(&state).await {
                let cause = telemetry::trace::chain(&error);
                tracing::warn!(cause, "ical_sync: due feeds cannot be looked for");
            }
            tokio::select! {
                () = token.cancelled() => break,
                Some((_feed, ended)) = readings.under_way.join_next() => {
                    readings.unchanged.extend(ended.ok().flatten());
                    tokio::time::sleep(GATHER).await;
                }
                () = state.sync_now.notified() => {}
                () = tokio::time::sleep(PERIOD) => {}
            }
        }
        // What is left is taken up by another replica when its lease ends.
        let _late = tokio::time::timeout(DRAIN, readings.end()).await;
        if let Err(error) = readings.write_unchanged(&state).await {
            let cause = telemetry::trace::chain(&error);
            tracing::warn!(cause, "ical_sync: the last readings could not be stored");
        }
    });
}

/// The readings of this process: under way, by their feeds, and those that found nothing new and are not written down
/// yet.
#[derive(Default)]
struct Readings {
    under_way: JoinMap<i64, Option<Unchanged>>,
    unchanged: Vec<Unchanged>,
}

impl Readings {
    /// Writes down what ended, and fills the free turns with due feeds.
    async fn take_turns(&mut self, state: &Arc<AppState>) -> Result<(), StoreFailure> {
        while let Some((_feed, ended)) = self.under_way.try_join_next() {
            self.unchanged.extend(ended.ok().flatten());
        }
        self.write_unchanged(state).await?;
        let at_once = state.settings.ical_at_once.max(1);
        while self.under_way.len() < at_once {
            let free = i64::try_from(at_once - self.under_way.len()).unwrap_or(1);
            let now = state.clock.now();
            let mut conn = state.database.get().await?;
            // Somebody may want a feed again while it is read; that is its next turn, and not another's.
            let busy: Vec<i64> = self.under_way.keys().copied().collect();
            let due = ical_feeds::claim_due(&mut conn, now, LEASE, free, &busy).await?;
            let more = i64::try_from(due.len()) == Ok(free);
            for feed in due {
                match state.hosts.visit(&feed.url, now) {
                    Ok(visit) => {
                        self.under_way.spawn(feed.id, read(state.clone(), feed, visit));
                    }
                    Err(later) => put_back(&mut conn, &[feed.id], later).await?,
                }
            }
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// One statement for all of them; what cannot be written is kept for the next time.
    async fn write_unchanged(&mut self, state: &AppState) -> Result<(), StoreFailure> {
        if self.unchanged.is_empty() {
            return Ok(());
        }
        write_unchanged(state, &self.unchanged).await?;
        self.unchanged.clear();
        Ok(())
    }

    /// Waits for those under way.
    async fn end(&mut self) {
        while let Some((_feed, ended)) = self.under_way.join_next().await {
            self.unchanged.extend(ended.ok().flatten());
        }
    }
}

/// Writes down that feeds are as they were, and tells those who wait for them.
pub(crate) async fn write_unchanged(state: &AppState, found: &[Unchanged]) -> Result<(), StoreFailure> {
    let mut conn = state.database.get().await?;
    ical_feeds::found_unchanged(&mut conn, found, state.clock.now()).await?;
    state.synced.notify_waiters();
    Ok(())
}

/// Reads one feed in a trace of its own; gives it back if it is as it was and that is still to be written down.
pub(crate) async fn read(state: Arc<AppState>, feed: Feed, visit: Visit) -> Option<Unchanged> {
    let span = info_span!(
        "sync feed",
        otel.name = "sync feed",
        feed.id = feed.id,
        trace_id = Empty
    );
    telemetry::trace::adopt(&span, None);
    let (id, channel) = (feed.id, feed.channel.clone());
    let reading = async {
        let unchanged = sync_feed(&state, feed, &visit).await.unwrap_or_else(|error| {
            let cause = telemetry::trace::chain(&error);
            tracing::warn!(
                feed.id = id,
                channel,
                cause,
                "ical_sync: the feed's state could not be stored"
            );
            None
        });
        state.synced.notify_waiters();
        unchanged
    };
    reading.instrument(span).await
}
