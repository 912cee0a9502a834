//! One check and what it found.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _};
use serde::Serialize;
use serde_json::Value;

/// How one component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It answers, but takes too long.
    Slow,
    /// Something a person should look at.
    Warning,
    /// It does not work.
    Error,
}

/// What a component's failure means for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Without it the whole is `unhealthy`.
    Critical,
    /// Without it the whole is `degraded`.
    Degrading,
}

/// What a check found: `Report::ok().field("feeds", 3)`, `Report::error("connection refused")`.
#[derive(Debug, Clone)]
pub struct Report {
    pub(super) status: Status,
    pub(super) latency_ms: Option<u64>,
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) error: Option<String>,
}

impl Report {
    /// All is well.
    #[must_use]
    pub const fn ok() -> Self {
        Self {
            status: Status::Ok,
            latency_ms: None,
            fields: Vec::new(),
            error: None,
        }
    }

    /// It answers too slowly, by the check's own measure.
    #[must_use]
    pub fn slow() -> Self {
        Self {
            status: Status::Slow,
            ..Self::ok()
        }
    }

    /// Something a person should look at; the words hold no address and no secret.
    #[must_use]
    pub fn warning(words: impl Into<String>) -> Self {
        Self {
            status: Status::Warning,
            error: Some(words.into()),
            ..Self::ok()
        }
    }

    /// It does not work; the words hold no address and no secret.
    #[must_use]
    pub fn error(words: impl Into<String>) -> Self {
        Self {
            status: Status::Error,
            error: Some(words.into()),
            ..Self::ok()
        }
    }

    /// A figure to show, for example `("age_minutes", 8)`.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    pub(super) const fn is_failing(&self) -> bool {
        matches!(self.status, Status::Error | Status::Warning)
    }
}

pub(super) struct Check {
    name: &'static str,
    weight: Weight,
    slow_above: Option<Duration>,
    look: Box<dyn Fn() -> BoxFuture<'static, Report> + Send + Sync>,
}

impl Check {
    pub(super) fn new<F, R>(name: &'static str, weight: Weight, slow_above: Option<Duration>, look: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Report> + Send + 'static,
    {
        Self {
            name,
            weight,
            slow_above,
            look: Box::new(move || look().boxed()),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn weight(&self) -> Weight {
        self.weight
    }

    pub(super) async fn run(&self, limit: Duration) -> Report {
        let began = Instant::now();
        let mut report = match tokio::time::timeout(limit, (self.look)()).await {
            Ok(report) => report,
            Err(_elapsed) => Report::error("timed out"),
        };
        if let Some(slow_above) = self.slow_above {
            let took = began.elapsed();
            report.latency_ms = u64::try_from(took.as_millis()).ok();
            if report.status == Status::Ok && slow_above < took {
                report.status = Status::Slow;
            }
        }
        report
    }
}
