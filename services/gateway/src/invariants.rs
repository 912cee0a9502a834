//! The promises of the house, counted once a minute: for the roll-up and for whoever is paged by the metric.
//!
//! A probe only reads the latest count, so that a storm of probes costs the database nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use service::clock::Clock;
use service::health::Report;
use storage::Database;
use storage::invariants::{self, Invariant};
use telemetry::metrics::Gauge;
use telemetry::metrics::gauge::from_count;

/// What the broker can tell, beside what the database can.
const DEAD_LETTERS: &str = "dead_letters";

/// A count that is older than so many periods is no news.
const STALE_AFTER: u32 = 4;

/// The counts, and the gauge that shows them. Clones share both.
#[derive(Clone)]
pub(crate) struct Invariants {
    clock: Clock,
    database: Database,
    period: Duration,
    gauge: Gauge,
    latest: Arc<Mutex<Option<Counted>>>,
}

struct Counted {
    at: Instant,
    violations: BTreeMap<&'static str, i64>,
}

/// Nothing could be counted.
#[derive(Debug, thiserror::Error)]
#[error("what must never be cannot be counted")]
pub(crate) struct CountError(#[source] Box<dyn Error + Send + Sync>);

impl Invariants {
    /// Counts are made every `period`.
    pub(crate) fn new(clock: Clock, database: Database, period: Duration) -> Self {
        let gauge = Gauge::new(
            "invariant_violations",
            "How often a promise of the house is broken at this moment; above 0 somebody must look.",
            &["invariant"],
        );
        for name in Invariant::ALL
            .map(Invariant::as_str)
            .into_iter()
            .chain([DEAD_LETTERS])
        {
            gauge.set(&[name], 0.0);
        }
        Self {
            clock,
            database,
            period,
            gauge,
            latest: Arc::default(),
        }
    }

    /// Whether it is time to count: the latest count is a period old, or there is none.
    pub(crate) fn are_due(&self) -> bool {
        let latest = self.latest();
        latest
            .as_ref()
            .is_none_or(|counted| self.period <= counted.at.elapsed())
    }

    /// Counts now; `dead_letters` is what a service last said of them, if any could tell.
    pub(crate) async fn count(&self, dead_letters: Option<i64>) -> Result<(), CountError> {
        let conn = self.database.get().await;
        let mut conn = conn.map_err(|error| CountError(error.into()))?;
        let counted = invariants::count(&mut conn, self.clock.now()).await;
        let counted = counted.map_err(|error| CountError(error.into()))?;
        let mut violations: BTreeMap<&'static str, i64> = counted
            .into_iter()
            .map(|(invariant, count)| (invariant.as_str(), count))
            .collect();
        violations.extend(dead_letters.map(|count| (DEAD_LETTERS, count)));
        for (name, count) in &violations {
            self.gauge.set(&[name], from_count(*count));
        }
        *self.latest() = Some(Counted {
            at: Instant::now(),
            violations,
        });
        Ok(())
    }

    /// The latest count: every promise that is broken, with how often.
    pub(crate) fn report(&self) -> Report {
        let latest = self.latest();
        let Some(counted) = latest.as_ref() else {
            return Report::warning("not counted yet");
        };
        let broken: Vec<_> = counted
            .violations
            .iter()
            .filter(|(_, count)| 0 < **count)
            .collect();
        let total: i64 = broken.iter().map(|(_, count)| **count).sum();
        let report = if self.period * STALE_AFTER < counted.at.elapsed() {
            Report::warning("not counted for a while")
        } else if broken.is_empty() {
            Report::ok()
        } else {
            let names: Vec<&str> = broken.iter().map(|(name, _)| **name).collect();
            Report::warning(names.join(", "))
        };
        let report = report.field("violations", total);
        broken
            .into_iter()
            .fold(report, |report, (name, count)| report.field(name, *count))
    }

    fn latest(&self) -> MutexGuard<'_, Option<Counted>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
