//! Jobs that run by the clock, and sooner when an event nudges them.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use telemetry::metrics::Counter;
use tokio::sync::Notify;
use tracing::field::Empty;
use tracing::{Instrument as _, error, info_span};

use crate::background::Background;

/// Wakes a job before its time. Clones wake the same job; nudges while it runs are one more run.
#[derive(Debug, Clone, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    /// Nobody is nudged yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs the job as soon as it is free.
    pub fn nudge(&self) {
        self.0.notify_one();
    }
}

/// Runs `job` now and then every `period`, give or take a tenth, and whenever nudged, until the service stops.
///
/// Runs never overlap and are never cut short. A failure or a panic is logged and the next run comes as usual. Each
/// run is a trace of its own.
pub fn every<F, R, E>(background: &Background, name: &'static str, period: Duration, nudge: Nudge, mut job: F)
where
    F: FnMut() -> R + Send + 'static,
    R: Future<Output = Result<(), E>> + Send + 'static,
    E: std::error::Error + 'static,
{
    let token = background.token();
    let runs = Counter::new(
        "job_runs_total",
        "Runs of periodic jobs.",
        &[("job", &[]), ("result", RESULTS)],
    );
    for result in RESULTS {
        runs.add(0, &[("job", name), ("result", result)]);
    }
    background.spawn(name, async move {
        while !token.is_cancelled() {
            let result = run(name, &mut job).await;
            runs.increment(&[("job", name), ("result", result)]);
            tokio::select! {
                () = token.cancelled() => return,
                () = tokio::time::sleep(jittered(period)) => {}
                () = nudge.0.notified() => {}
            }
        }
    });
}

const RESULTS: &[&str] = &["done", "failed", "panicked"];

async fn run<F, R, E>(name: &'static str, job: &mut F) -> &'static str
where
    F: FnMut() -> R,
    R: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    let span = info_span!("job", otel.name = name, job = name, trace_id = Empty);
    telemetry::trace::adopt(&span, None);
    let outcome = {
        let _entered = span.enter();
        // The closure itself may panic, too.
        std::panic::catch_unwind(AssertUnwindSafe(job))
    };
    let outcome = match outcome {
        Ok(work) => {
            AssertUnwindSafe(work)
                .catch_unwind()
                .instrument(span.clone())
                .await
        }
        Err(panic) => Err(panic),
    };
    let _entered = span.enter();
    match outcome {
        Ok(Ok(())) => "done",
        Ok(Err(failure)) => {
            error!(cause = telemetry::trace::chain(&failure), "job {name} failed");
            "failed"
        }
        Err(_panic) => {
            error!("job {name} panicked");
            "panicked"
        }
    }
}

/// `period` give or take a tenth, so that replicas do not march in step.
fn jittered(period: Duration) -> Duration {
    let tenth = period / 10;
    let span = u64::try_from(tenth.as_millis())
        .unwrap_or(u64::MAX)
        .saturating_mul(2);
    (period.saturating_sub(tenth)) + Duration::from_millis(rand::random_range(0..=span))
}
