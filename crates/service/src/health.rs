//! `/healthz`: this service and what it depends on, in the words of the runbook.
//!
//! All checks run together, each for at most a second; the result is kept for a second and made by one caller at a
//! time, so that a storm of probes costs a database one query a second.

mod check;
mod page;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use futures_util::future::join_all;
use time::OffsetDateTime;
use tokio::sync::Mutex;

pub use check::{Report, Status, Weight};
pub use page::{Overall, Page};

use crate::clock::Clock;
use check::Check;

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(1);

/// How long a result is shown again.
const KEPT: Duration = Duration::from_secs(1);

/// The checks of one page. Clones share the page.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    clock: Clock,
    version: &'static str,
    checks: Vec<Check>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    page: Option<(Instant, Page)>,
    failing_since: HashMap<&'static str, OffsetDateTime>,
}

/// Collects checks; they are shown in the order they are added.
pub struct Builder {
    clock: Clock,
    checks: Vec<Check>,
}

impl Builder {
    /// A dependency: its latency is measured and shown, and above `slow_above` it is `slow`.
    #[must_use]
    pub fn dependency<F, R>(self, name: &'static str, weight: Weight, slow_above: Duration, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Report> + Send + 'static,
    {
        self.add(Check::new(name, weight, Some(slow_above), check))
    }

    /// Something that is looked at rather than called: no latency is shown.
    #[must_use]
    pub fn state<F, R>(self, name: &'static str, weight: Weight, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Report> + Send + 'static,
    {
        self.add(Check::new(name, weight, None, check))
    }

    /// The finished page.
    #[must_use]
    pub fn build(self) -> Health {
        let Self { clock, checks } = self;
        Health(Arc::new(Inner {
            clock,
            version: crate::VERSION,
            checks,
            last: Mutex::default(),
        }))
    }

    fn add(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
}

impl Health {
    /// Starts a page; `clock` gives its timestamps.
    #[must_use]
    pub const fn builder(clock: Clock) -> Builder {
        Builder {
            clock,
            checks: Vec::new(),
        }
    }

    /// The page as of now, or of up to a second ago.
    pub async fn page(&self) -> Page {
        // Whoever comes first holds the lock while it asks; the others wait and read its result.
        let mut last = self.0.last.lock().await;
        if let Some((made, page)) = &last.page
            && made.elapsed() < KEPT
        {
            return page.clone();
        }
        let now = self.0.clock.now();
        let reports = join_all(self.0.checks.iter().map(|check| check.run(LIMIT))).await;
        let mut rows = Vec::with_capacity(reports.len());
        for (check, report) in self.0.checks.iter().zip(reports) {
            let since = if report.is_failing() {
                Some(*last.failing_since.entry(check.name()).or_insert(now))
            } else {
                last.failing_since.remove(check.name());
                None
            };
            rows.push(page::Row {
                name: check.name(),
                weight: check.weight(),
                report,
                since,
            });
        }
        let page = Page::new(now, self.0.version, rows);
        last.page = Some((Instant::now(), page.clone()));
        page
    }

    /// The page as a response: 200 for healthy and degraded, 503 for unhealthy.
    pub async fn respond(&self) -> HttpResponse {
        let page = self.page().await;
        let status = match page.overall() {
            Overall::Healthy | Overall::Degraded => StatusCode::OK,
            Overall::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
        };
        HttpResponse::build(status)
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(page)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Health")
            .field("checks", &self.0.checks.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("checks", &self.checks.len())
            .finish_non_exhaustive()
    }
}
