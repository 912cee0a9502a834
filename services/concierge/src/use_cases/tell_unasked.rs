//! What guests are told without an event: that a hold ends soon, and what a lost event should have told.

use diesel_async::AsyncConnection;
use storage::{DatabaseUnavailable, messages};
use time::Duration;
use uuid::Uuid;

use super::tell::{TellError, Told, tell};
use crate::news::News;
use crate::state::AppState;

/// How long the event of a confirmation may take before the sweep does its work.
const MISSED_AFTER: Duration = Duration::minutes(2);

/// How far back the sweep looks: older news is none.
const LOOK_BACK: Duration = Duration::days(2);

/// How many are told in one run.
const BATCH: i64 = 50;

/// Why a sweep failed; the next one comes soon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellUnaskedError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// One of them cannot be told.
    #[error("tell a guest without an event")]
    Tell(#[from] TellError),
    /// A statement failed.
    #[error("look for guests who should know")]
    Query(#[from] diesel::result::Error),
}

/// Queues the confirmation of stays that have none.
pub(crate) async fn confirm_missed(state: &AppState) -> Result<(), TellUnaskedError> {
    let now = state.clock.now();
    let missed = {
        let mut conn = state.database.get().await?;
        let (since, before) = (now - LOOK_BACK, now - MISSED_AFTER);
        messages::confirmed_untold(&mut conn, since, before, BATCH).await?
    };
    for reservation in missed {
        if tell_now(state, reservation, &News::Confirmed).await? {
            state.metrics.told_late();
            tracing::warn!(reservation.id = %reservation, "a confirmation was queued that no event had queued");
        }
    }
    Ok(())
}

/// Queues the reminders of holds that `reservations` has marked, as each nears its end.
pub(crate) async fn remind(state: &AppState) -> Result<(), TellUnaskedError> {
    let ending = {
        let mut conn = state.database.get().await?;
        messages::reminder_untold(&mut conn, state.clock.now(), BATCH).await?
    };
    for (reservation, expires_at) in ending {
        tell_now(state, reservation, &News::Reminder { expires_at }).await?;
    }
    Ok(())
}

/// Whether it was news.
async fn tell_now(state: &AppState, reservation: Uuid, news: &News) -> Result<bool, TellUnaskedError> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    let told = conn
        .transaction(async |conn| tell(conn, &context, reservation, news).await)
        .await?;
    if told == Told::Queued {
        state.metrics.queued(news.subject());
        state.due.nudge();
    }
    Ok(told == Told::Queued)
}
