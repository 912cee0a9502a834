//! Comparing a span of time with the provider: what differs is read, what is certain is repaired, the rest is parked.

use mercadopago::search::Search;
use storage::payments::FoundBy;
use time::{Duration, OffsetDateTime};

use super::poll::{PollError, take};
use super::record::Recorded;
use crate::state::AppState;

/// The longest span that is searched at once, so that no search outgrows what the client follows.
const SPAN: Duration = Duration::days(1);

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reconciliation {
    /// How many payments the provider showed.
    pub(crate) compared: usize,
    /// The provider's ids of those that were missing or stale here, and are right now.
    pub(crate) repaired: Vec<Difference>,
    /// Those that a person must look at.
    pub(crate) parked: Vec<Difference>,
    /// Those that could not be read; the next comparison finds them again.
    pub(crate) failed: Vec<String>,
}

/// A payment that was not as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The provider's id.
    pub(crate) payment: String,
    /// Whether we had not known it at all.
    pub(crate) missing: bool,
    /// The state it has, or why it is parked.
    pub(crate) now: String,
}

/// Compares every payment that changed since `since`.
pub(crate) async fn reconcile(state: &AppState, since: OffsetDateTime) -> Result<Reconciliation, PollError> {
    let until = state.clock.now();
    let mut found = Reconciliation::default();
    let mut from = since;
    while from < until {
        let to = until.min(from.saturating_add(SPAN));
        compare(state, (from, to), &mut found).await?;
        from = to;
    }
    tell(state, &found);
    Ok(found)
}

/// Compares what changed in one span, and adds what it finds.
async fn compare(
    state: &AppState,
    (since, until): (OffsetDateTime, OffsetDateTime),
    found: &mut Reconciliation,
) -> Result<(), PollError> {
    let shown = state
        .provider()?
        .search_all(&Search::Changed { since, until })
        .await?;
    found.compared += shown.len();
    for payment in &shown {
        let id = payment.id.to_string();
        match take(state, payment).await {
            Ok(Recorded::Nothing) => {}
            Ok(Recorded::Advanced { new, state }) => {
                let now = state.as_str().to_owned();
                found.repaired.push(Difference {
                    payment: id,
                    missing: new,
                    now,
                });
            }
            Ok(Recorded::Parked { new, reason }) => {
                let now = reason.as_str().to_owned();
                found.parked.push(Difference {
                    payment: id,
                    missing: new,
                    now,
                });
            }
            Err(error) => {
                let cause = telemetry::trace::chain(&error);
                tracing::warn!(payment.provider_id = %payment.id, cause, "a payment could not be compared");
                found.failed.push(id);
            }
        }
    }
    Ok(())
}

/// Counts the differences, and says aloud that there are some.
fn tell(state: &AppState, found: &Reconciliation) {
    state
        .metrics
        .differences(found.repaired.len() + found.parked.len());
    let (repaired, parked, failed) = (found.repaired.len(), found.parked.len(), found.failed.len());
    if 0 < repaired + parked + failed {
        tracing::warn!(
            compared = found.compared,
            repaired,
            parked,
            failed,
            found_by = FoundBy::Poll.as_str(),
            "the comparison with the provider found {repaired} to repair, {parked} to park, {failed} unreadable"
        );
    }
}
