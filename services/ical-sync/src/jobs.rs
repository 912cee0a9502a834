//! What the service does by the clock: it reads the feeds that are due. Any number of replicas share them.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::Error as DieselError;
use service::background::Background;
use storage::ical_feeds::{self, Feed};
use storage::{DatabaseUnavailable, ical_feeds::put_back};
use tokio::task::JoinSet;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::hosts::Visit;
use crate::state::AppState;
use crate::use_cases::sync_feed::sync_feed;

/// How often due feeds are looked for.
const PERIOD: Duration = Duration::from_secs(5);

/// How long readings may go on when the service stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a taken feed is left to whoever took it; longer than a fetch may last.
pub(crate) const LEASE: time::Duration = time::Duration::seconds(150);

#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[from] DieselError),
}

/// Reads due feeds until the service stops. A slow one takes its own turn, and nobody else's.
pub(crate) fn start(background: &Background, state: &Arc<AppState>) {
    let (state, token) = (state.clone(), background.token());
    background.spawn("sync feeds", async move {
        let mut readings = JoinSet::new();
        while !token.is_cancelled() {
            if let Err(error) = take(&state, &mut readings).await {
                let cause = telemetry::trace::chain(&error);
                tracing::warn!(cause, "ical_sync: due feeds cannot be looked for");
            }
            tokio::select! {
                () = token.cancelled() => break,
                Some(_ended) = readings.join_next() => {}
                () = state.sync_now.notified() => {}
                () = tokio::time::sleep(PERIOD) => {}
            }
        }
        let drained = async { while readings.join_next().await.is_some() {} };
        // What is left is taken up by another replica when its lease ends.
        let _late = tokio::time::timeout(DRAIN, drained).await;
    });
}

/// Fills the free turns with due feeds.
async fn take(state: &Arc<AppState>, readings: &mut JoinSet<()>) -> Result<(), JobError> {
    while readings.try_join_next().is_some() {}
    let at_once = state.settings.ical_at_once.max(1);
    while readings.len() < at_once {
        let free = i64::try_from(at_once - readings.len()).unwrap_or(1);
        let now = state.clock.now();
        let mut conn = state.database.get().await?;
        let due = ical_feeds::claim_due(&mut conn, now, LEASE, free).await?;
        let more = i64::try_from(due.len()) == Ok(free);
        for feed in due {
            match state.hosts.visit(&feed.url, now) {
                Ok(visit) => {
                    readings.spawn(read(state.clone(), feed, visit));
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

/// Reads one feed in a trace of its own.
pub(crate) async fn read(state: Arc<AppState>, feed: Feed, visit: Visit) {
    let span = info_span!(
        "sync feed",
        otel.name = "sync feed",
        feed.id = feed.id,
        trace_id = Empty
    );
    telemetry::trace::adopt(&span, None);
    let (id, channel) = (feed.id, feed.channel.clone());
    let reading = async {
        if let Err(error) = sync_feed(&state, feed, &visit).await {
            let cause = telemetry::trace::chain(&error);
            tracing::warn!(
                feed.id = id,
                channel,
                cause,
                "ical_sync: the feed's state could not be stored"
            );
        }
        state.synced.notify_waiters();
    };
    reading.instrument(span).await;
}
