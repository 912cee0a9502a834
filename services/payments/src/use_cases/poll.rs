//! The provider is asked what it holds for a reservation: no payment may depend on a notification.

use diesel_async::AsyncConnection;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use mercadopago::error::CallError;
use mercadopago::payment::Payment;
use mercadopago::search::Search;
use storage::DatabaseUnavailable;
use storage::payment_links::{self, PaymentLink, PollRhythm};
use storage::payments::{self, FoundBy};
use time::Duration;

use super::record::{Recorded, record, tell};
use crate::state::{AppState, NotConfigured};

/// How many links are asked about in one run.
const BATCH: i64 = 40;

/// How many at the same time: a slow provider must not keep many holds beyond their grace.
const AT_ONCE: usize = 4;

/// How many links of ended debts beside them.
const LATE_BATCH: i64 = 10;

/// A link in its last moments is asked about more often.
const NEAR_END: Duration = Duration::seconds(90);

/// Links of ended debts are asked about for so long.
const LATE: Duration = Duration::hours(48);

/// And so often.
const LATE_EVERY: Duration = Duration::hours(1);

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PollError {
    /// The provider's credentials are not set.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The provider does not answer.
    #[error("ask the provider for payments")]
    Provider(#[from] CallError),
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// A statement failed.
    #[error("store what the provider answered")]
    Query(#[from] diesel::result::Error),
}

/// Asks about every link that is due, and tells how many were asked about.
pub(crate) async fn poll_due(state: &AppState) -> Result<usize, PollError> {
    if state.provider.is_none() {
        return Ok(0);
    }
    let now = state.clock.now();
    let rhythm = PollRhythm {
        now,
        asked_before: now - state.poll.every,
        near_end: now + NEAR_END,
        near_asked_before: now - state.poll.every_near_end,
    };
    let due = {
        let mut conn = state.database.get().await?;
        let mut due = payment_links::due_for_poll(&mut conn, rhythm, BATCH).await?;
        due.extend(
            payment_links::retired_for_poll(&mut conn, now - LATE, now - LATE_EVERY, LATE_BATCH).await?,
        );
        due
    };
    stream::iter(&due)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |link| poll_one_of_many(state, link))
        .await?;
    Ok(due.len())
}

/// As [`poll`]; what concerns this link alone is said and not passed on.
async fn poll_one_of_many(state: &AppState, link: &PaymentLink) -> Result<(), PollError> {
    match poll(state, link).await {
        // One payment that cannot be read must not hide the money of everybody else.
        Err(PollError::Provider(error)) if concerns_one(&error) => {
            let cause = telemetry::trace::chain(&error);
            tracing::error!(
                reservation.code = link.code,
                cause,
                "the payments of a reservation cannot be read"
            );
            Ok(())
        }
        result => result,
    }
}

/// Whether the failure is of what was asked about, and not of the provider or of our access to it.
fn concerns_one(error: &CallError) -> bool {
    match error {
        CallError::NotFound
        | CallError::Malformed(_)
        | CallError::Refused(_)
        | CallError::Conflict(_)
        | CallError::Request(_) => true,
        CallError::Unauthorized(_)
        | CallError::Locked(_)
        | CallError::RateLimited { .. }
        | CallError::Unavailable(_)
        | CallError::CircuitOpen => false,
    }
}

/// Asks about the payments of one link's reference.
pub(crate) async fn poll(state: &AppState, link: &PaymentLink) -> Result<(), PollError> {
    let asked_at = state.clock.now();
    let found = state
        .provider()?
        .search_all(&Search::Reference(link.code.clone()))
        .await?;
    for payment in &found {
        take(state, payment).await?;
    }
    let mut conn = state.database.get().await?;
    payment_links::polled(&mut conn, link.reservation, asked_at).await?;
    Ok(())
}

/// Takes a payment that a search has shown: if it is news, it is read on its own before anything is believed.
pub(crate) async fn take(state: &AppState, shown: &Payment) -> Result<Recorded, PollError> {
    let id = shown.id.to_string();
    {
        let mut conn = state.database.get().await?;
        let known = payments::find_by_provider_id(&mut conn, &id).await?;
        if known.is_some_and(|known| is_known(&known, shown)) {
            return Ok(Recorded::Nothing);
        }
    }
    take_by_id(state, &shown.id, FoundBy::Poll).await
}

/// Reads a payment and records it.
pub(crate) async fn take_by_id(
    state: &AppState,
    id: &mercadopago::id::Id,
    found_by: FoundBy,
) -> Result<Recorded, PollError> {
    let payment = state.provider()?.payment(id).await?;
    let context = state.context();
    let mut conn = state.database.get().await?;
    let recorded = conn
        .transaction(async |conn| {
            record(conn, &context, state.collector.as_deref(), found_by, &payment).await
        })
        .await?;
    tell(&state.metrics, found_by, id.as_str(), &recorded);
    Ok(recorded)
}

/// Whether what is stored is at least as new as what is shown.
fn is_known(known: &payments::StoredPayment, shown: &Payment) -> bool {
    shown
        .version()
        .is_ok_and(|version| !domain::payment::advances(&known.version(), &version))
}
