//! What the service does by the clock. Any number of replicas share the feeds.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::Error as DieselError;
use futures_util::StreamExt as _;
use futures_util::stream;
use service::background::Background;
use service::jobs;
use storage::{DatabaseUnavailable, ical_feeds};

use crate::state::AppState;
use crate::use_cases::sync_feed::sync_feed;

/// How often due feeds are looked for.
const PERIOD: Duration = Duration::from_secs(5);

/// How many feeds a replica takes, and reads, at once.
const BATCH: i64 = 20;
const AT_ONCE: usize = 5;

/// How long a taken feed is left to whoever took it; longer than a fetch may last.
const LEASE: time::Duration = time::Duration::minutes(2);

#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[from] DieselError),
}

pub(crate) fn start(background: &Background, state: &Arc<AppState>) {
    let nudge = state.sync_now.clone();
    let state = state.clone();
    jobs::every(background, "sync feeds", PERIOD, nudge, move || {
        sync_due(state.clone())
    });
}

async fn sync_due(state: Arc<AppState>) -> Result<(), JobError> {
    loop {
        let mut conn = state.database.get().await?;
        let due = ical_feeds::claim_due(&mut conn, state.clock.now(), LEASE, BATCH).await?;
        drop(conn);
        if due.is_empty() {
            return Ok(());
        }
        let syncs = stream::iter(due).map(|feed| {
            let state = state.clone();
            async move {
                let (id, channel) = (feed.id, feed.channel.clone());
                if let Err(error) = sync_feed(&state, feed).await {
                    let cause = telemetry::trace::chain(&error);
                    tracing::warn!(
                        feed.id = id,
                        channel,
                        cause,
                        "ical_sync: the feed's state could not be stored"
                    );
                }
            }
        });
        syncs.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }
}
