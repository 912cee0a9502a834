//! What this service does by the clock: everything that an event should have caused, and what no event tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use service::background::Background;
use service::jobs::{self, Nudge};
use storage::payment_links;

use crate::state::AppState;
use crate::use_cases::ensure_link::{EnsureLinkError, ensure_link};
use crate::use_cases::poll::PollError;
use crate::use_cases::{announce_again, make_refund, poll, reconcile, refund_forgotten};

/// A hold without a link is looked at when it is this old: its event comes first.
const MISSED_AFTER: time::Duration = time::Duration::seconds(10);

/// How far a usual comparison looks back, and how far every thirty-sixth.
const LOOK_BACK: time::Duration = time::Duration::hours(2);
const LONG_LOOK_BACK: time::Duration = time::Duration::days(8);

/// How many links one run makes.
const BATCH: i64 = 20;

/// Starts the jobs; `tick` is how often they look for work.
pub(crate) fn start(
    background: &Background,
    state: &Arc<AppState>,
    tick: Duration,
    reconcile_every: Duration,
) {
    let shared = state.clone();
    jobs::every(background, "make payment links", tick, Nudge::new(), move || {
        let state = shared.clone();
        async move { make_links(&state).await }
    });
    let shared = state.clone();
    jobs::every(background, "ask about payments", tick, Nudge::new(), move || {
        let state = shared.clone();
        async move { quietly(poll::poll_due(&state).await.map(drop)) }
    });
    let shared = state.clone();
    jobs::every(
        background,
        "make refunds",
        tick,
        state.refunds_due.clone(),
        move || {
            let state = shared.clone();
            async move { make_refund::make_due(&state).await.map(drop) }
        },
    );
    let shared = state.clone();
    jobs::every(
        background,
        "announce payments again",
        tick,
        Nudge::new(),
        move || {
            let state = shared.clone();
            async move {
                announce_again::announce_again(&state).await?;
                refund_forgotten::refund_forgotten(&state).await.map(drop)
            }
        },
    );
    let (shared, runs) = (state.clone(), Arc::new(AtomicU32::new(0)));
    jobs::every(
        background,
        "reconcile payments",
        reconcile_every,
        Nudge::new(),
        move || {
            let state = shared.clone();
            let long = runs.fetch_add(1, Ordering::Relaxed).is_multiple_of(36);
            async move {
                if state.provider.is_none() {
                    return Ok(());
                }
                let back = if long { LONG_LOOK_BACK } else { LOOK_BACK };
                quietly(
                    reconcile::reconcile(&state, state.clock.now() - back)
                        .await
                        .map(drop),
                )
            }
        },
    );
}

/// A provider that is away is the circuit's and the metrics' matter, not a failed job.
fn quietly(result: Result<(), PollError>) -> Result<(), PollError> {
    match result {
        Err(PollError::Provider(error)) => {
            let cause = telemetry::trace::chain(&error);
            tracing::warn!(cause, "the provider cannot be asked about payments now");
            Ok(())
        }
        result => result,
    }
}

/// Links that the provider has not made yet, and holds that have none.
async fn make_links(state: &AppState) -> Result<(), EnsureLinkError> {
    if state.provider.is_none() {
        return Ok(());
    }
    let now = state.clock.now();
    let (unanswered, missed) = {
        let mut conn = state.database.get().await?;
        let unanswered = payment_links::unanswered(&mut conn, now, BATCH).await?;
        let missed = payment_links::holds_without_link(&mut conn, now, now - MISSED_AFTER, BATCH).await?;
        (unanswered, missed)
    };
    let waiting = unanswered.into_iter().map(|link| link.reservation);
    for reservation in waiting.chain(missed) {
        match ensure_link(state, reservation).await {
            Ok(_) => {}
            Err(EnsureLinkError::NothingToPay(_)) => {
                // Its debt is over: the intent is, too.
                let mut conn = state.database.get().await?;
                payment_links::retire_unanswered(&mut conn, reservation, now).await?;
            }
            Err(EnsureLinkError::Provider(_)) => return Ok(()),
            Err(error) if error.is_settled() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
