//! The sweep behind `reservation.confirmed.v1`: a guest of a confirmed stay whom no event told is told.

use diesel_async::AsyncConnection;
use storage::{DatabaseUnavailable, messages};
use time::Duration;

use super::tell::{TellError, Told, tell};
use crate::news::News;
use crate::state::AppState;

/// How long the event may take before the sweep does its work.
const MISSED_AFTER: Duration = Duration::minutes(2);

/// How far back the sweep looks: older news is none.
const LOOK_BACK: Duration = Duration::days(2);

/// How many are told in one run.
const BATCH: i64 = 50;

/// Why a sweep failed; the next one comes soon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellMissedError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// One of them cannot be told.
    #[error("tell a guest whom no event told")]
    Tell(#[from] TellError),
    /// A statement failed.
    #[error("look for guests whom no event told")]
    Query(#[from] diesel::result::Error),
}

/// Queues the confirmation of stays that have none.
pub(crate) async fn tell_missed(state: &AppState) -> Result<(), TellMissedError> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    let (since, before) = (context.now - LOOK_BACK, context.now - MISSED_AFTER);
    let missed = messages::confirmed_untold(&mut conn, since, before, BATCH).await?;
    for reservation in missed {
        let news = News::Confirmed;
        let told = conn
            .transaction(async |conn| tell(conn, &context, reservation, &news).await)
            .await?;
        if told == Told::Queued {
            state.metrics.told_late();
            state.metrics.queued(news.subject());
            state.due.nudge();
            tracing::warn!(reservation.id = %reservation, "a confirmation was queued that no event had queued");
        }
    }
    Ok(())
}
