//! Storing what came of a sending.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;
use storage::messages::{self, Due};
use storage::{Context, DatabaseUnavailable, timeline};

use super::judge::Verdict;
use crate::letter::Letter;
use crate::state::AppState;

/// The pause between two tries to store it.
const PAUSE: Duration = Duration::from_millis(500);

/// Why it could not be stored.
#[derive(Debug, thiserror::Error)]
enum SettleError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("store what came of a message")]
    Query(#[from] diesel::result::Error),
    #[error("write the message")]
    Letter(#[from] serde_json::Error),
}

/// Stores `verdict`, trying as long as the lease lasts: what is forgotten is sent again.
pub(crate) async fn settle(
    state: &AppState,
    due: &Due,
    letter: Option<Letter>,
    form: &str,
    verdict: Verdict,
) {
    let subject = letter.as_ref().map_or("other", |letter| letter.subject.as_str());
    let tries = usize::try_from(state.sending.grace.whole_milliseconds() / 500).unwrap_or(1);
    let schedule = ConstantBuilder::default().with_delay(PAUSE).with_max_times(tries);
    let stored = (|| store(state, due, letter.as_ref(), form, &verdict))
        .retry(schedule)
        .await;
    match stored {
        Ok(()) => count(state, letter.as_ref(), subject, form, &verdict),
        Err(error) => {
            let cause = telemetry::trace::chain(&error);
            tracing::error!(
                cause,
                "what came of a message could not be stored: it may be sent again"
            );
        }
    }
}

fn count(state: &AppState, letter: Option<&Letter>, subject: &str, form: &str, verdict: &Verdict) {
    match verdict {
        Verdict::Accepted(_) => {
            if let Some(letter) = letter {
                state.metrics.sent(letter.subject, form);
            }
            tracing::info!(subject, form, "a message to a guest was sent");
        }
        Verdict::Again { cause, wait }
        | Verdict::GuestWaits { cause, wait }
        | Verdict::MaybeSent { cause, wait } => {
            state.metrics.put_off(cause);
            let wait_seconds = wait.whole_seconds();
            tracing::warn!(subject, cause, wait_seconds, "a message to a guest waits");
        }
        Verdict::AsTemplate => {
            state.metrics.put_off("needs_template");
            state.due.nudge();
        }
        Verdict::GiveUp { cause } => {
            state.metrics.failed(subject, cause);
            if matches!(*cause, "obsolete" | "too_late") {
                tracing::info!(subject, cause, "a message to a guest came too late to be true");
            } else {
                tracing::error!(subject, cause, "a message to a guest was given up");
            }
        }
    }
}

async fn store(
    state: &AppState,
    due: &Due,
    letter: Option<&Letter>,
    form: &str,
    verdict: &Verdict,
) -> Result<(), SettleError> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    conn.transaction(async |conn| store_in(conn, &context, due, letter, form, verdict).await)
        .await
}

async fn store_in(
    conn: &mut AsyncPgConnection,
    context: &Context,
    due: &Due,
    letter: Option<&Letter>,
    form: &str,
    verdict: &Verdict,
) -> Result<(), SettleError> {
    let now = context.now;
    match verdict {
        Verdict::Accepted(sent) => {
            let Some(tracked) = messages::lock_tracked(conn, &sent.message_id, Some(due.id)).await? else {
                return Ok(());
            };
            let stored = Letter::read(&tracked.content)?;
            if stored.earlier.contains(&sent.message_id) {
                // A status was faster: this very sending has failed, and another one is queued.
                return Ok(());
            }
            let reached = sent.wa_id.as_ref().map(whatsapp::recipient::WaId::as_str);
            messages::accepted(conn, due.id, &sent.message_id, reached, now).await?;
            let is_first = matches!(tracked.state.as_str(), "queued" | "sending" | "unknown");
            if let Some(reservation) = due.reservation_id.filter(|_| is_first) {
                let detail = json!({ "message": stored.subject.as_str(), "form": form });
                timeline::append(conn, context, reservation, "guest_told", detail).await?;
            }
        }
        Verdict::Again { cause, wait } => {
            messages::defer(conn, due, "queued", cause, now + *wait, now).await?;
        }
        Verdict::GuestWaits { cause, wait } => {
            messages::defer(conn, due, "queued", cause, now + *wait, now).await?;
            messages::defer_recipient(conn, &due.recipient, now + *wait).await?;
        }
        Verdict::MaybeSent { cause, wait } => {
            messages::defer(conn, due, "unknown", cause, now + *wait, now).await?;
        }
        Verdict::AsTemplate => {
            let mut again = due.clone();
            if let Some(letter) = letter {
                let only = Letter {
                    template_only: true,
                    ..letter.clone()
                };
                again.content = only.stored()?;
            }
            messages::defer(conn, &again, "queued", "needs_template", now, now).await?;
        }
        Verdict::GiveUp { cause } => {
            let failed = messages::fail(conn, due, cause, now).await?;
            let is_news = failed && !matches!(*cause, "obsolete" | "too_late");
            if let Some(reservation) = due.reservation_id.filter(|_| is_news) {
                let subject = letter.map(|letter| letter.subject.as_str());
                let detail = json!({ "message": subject, "cause": cause });
                timeline::append(conn, context, reservation, "guest_not_told", detail).await?;
            }
        }
    }
    Ok(())
}
