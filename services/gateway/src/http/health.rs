//! The system's health: our own look at the stores, and what each service says of itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use futures_util::future::join_all;
use serde_json::Value;
use service::clock::Clock;
use service::health::{Health, Report, Weight};
use service::upstream::Upstream;
use storage::Database;
use storage::redis::Redis;
use tokio::sync::Mutex;

use crate::app::Gateway;
use crate::invariants::Invariants;

/// What every service shows of the shared stores; the roll-up has checks of its own for them.
const SHARED: [&str; 4] = ["database", "redis", "rabbitmq", "dead_letters"];

/// How long a service's page serves the checks that read it.
const KEPT: Duration = Duration::from_millis(500);

/// The system's health: 200 for healthy and degraded, 503 for unhealthy.
#[utoipa::path(
    get, path = "/api/v1/healthz", tag = "health", operation_id = "health",
    responses(
        (status = 200, description = "`healthy` or `degraded`, with one check a component", body = Object),
        (status = 503, description = "`unhealthy`", body = Object),
    )
)]
pub(in crate::http) async fn health(gateway: web::Data<Gateway>) -> HttpResponse {
    gateway.system_health.respond().await
}

/// Whether this gateway takes traffic.
#[utoipa::path(
    get, path = "/api/v1/readyz", tag = "health", operation_id = "ready",
    responses(
        (status = 200, description = "Send traffic here", body = Object),
        (status = 503, description = "Not yet, or no longer", body = Object),
    )
)]
pub(in crate::http) async fn ready(gateway: web::Data<Gateway>) -> HttpResponse {
    gateway.readiness.respond()
}

/// What one service says of itself, asked at most once in [`KEPT`].
#[derive(Clone)]
pub(crate) struct ServicePage {
    upstream: Upstream,
    last: Arc<Mutex<Option<(Instant, Page)>>>,
}

type Page = Result<Arc<Value>, &'static str>;

impl ServicePage {
    pub(crate) fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            last: Arc::default(),
        }
    }

    async fn read(&self) -> Page {
        let mut last = self.last.lock().await;
        if let Some((read, page)) = &*last
            && read.elapsed() < KEPT
        {
            return page.clone();
        }
        let page = self.ask().await;
        *last = Some((Instant::now(), page.clone()));
        page
    }

    async fn ask(&self) -> Page {
        let request = self.upstream.forward(reqwest::Method::GET, "/healthz");
        let answer = self
            .upstream
            .send(request)
            .await
            .map_err(|_cause| "connection refused or no answer")?;
        answer
            .json()
            .await
            .map(Arc::new)
            .map_err(|_cause| "its health page cannot be read")
    }

    /// The service as a part of the system: reachable, and nothing of its own failing.
    async fn report(&self) -> Report {
        let page = match self.read().await {
            Ok(page) => page,
            Err(words) => return Report::error(words),
        };
        let checks = page.get("checks").and_then(Value::as_object);
        let failing: Vec<&str> = checks
            .into_iter()
            .flatten()
            .filter(|(name, check)| !SHARED.contains(&name.as_str()) && word(check) != "ok")
            .map(|(name, _)| name.as_str())
            .collect();
        if failing.is_empty() {
            Report::ok()
        } else {
            Report::warning(failing.join(", "))
        }
    }

    /// One check of the service's page, as it stands there; `None` if the page has no such check.
    async fn check(&self, name: &str) -> Option<Value> {
        self.read().await.ok()?.get("checks")?.get(name).cloned()
    }
}

/// Every service's page, in the order of the roll-up.
#[derive(Clone)]
pub(crate) struct ServicePages {
    pub(crate) reservations: ServicePage,
    pub(crate) webhooks: ServicePage,
    pub(crate) payments: ServicePage,
    pub(crate) ical_sync: ServicePage,
    pub(crate) concierge: ServicePage,
}

impl ServicePages {
    /// A check that several services can show, as the first of them that can does show it.
    async fn first(&self, name: &str) -> Option<Value> {
        let pages = [
            &self.reservations,
            &self.webhooks,
            &self.payments,
            &self.concierge,
            &self.ical_sync,
        ];
        let told = join_all(pages.map(|page| page.check(name))).await;
        told.into_iter().flatten().next()
    }

    /// How many messages lie where nobody could process them, if any service can tell.
    pub(crate) async fn dead_letters(&self) -> Option<i64> {
        self.first("dead_letters").await?.get("count")?.as_i64()
    }
}

/// Puts the roll-up together, with the weights and limits of its checks.
pub(crate) fn system_health(
    clock: Clock,
    database: &Database,
    redis: &Redis,
    pages: &ServicePages,
    invariants: Invariants,
) -> Health {
    let of = |page: &ServicePage| {
        let page = page.clone();
        move || {
            let page = page.clone();
            async move { page.report().await }
        }
    };
    let (rabbitmq, feeds) = (pages.clone(), pages.ical_sync.clone());
    let page = stores::health::database(Health::builder(clock), Weight::Critical, database);
    stores::health::redis(page, redis)
        .state("rabbitmq", Weight::Degrading, move || {
            let pages = rabbitmq.clone();
            async move { rabbitmq_report(&pages).await }
        })
        .state("ical_sync", Weight::Degrading, move || {
            let page = feeds.clone();
            async move { feeds_report(&page).await }
        })
        .state("gateway", Weight::Degrading, || async { Report::ok() })
        .dependency(
            "reservations",
            Weight::Critical,
            Duration::from_millis(900),
            of(&pages.reservations),
        )
        .state("webhooks", Weight::Critical, of(&pages.webhooks))
        .state("payments", Weight::Degrading, of(&pages.payments))
        .state("ical-sync", Weight::Degrading, of(&pages.ical_sync))
        .state("concierge", Weight::Degrading, of(&pages.concierge))
        .state("invariants", Weight::Degrading, move || {
            std::future::ready(invariants.report())
        })
        .build()
}

/// The broker as the first service that answers sees it; the gateway has no connection of its own.
async fn rabbitmq_report(pages: &ServicePages) -> Report {
    match pages.first("rabbitmq").await {
        Some(check) => repeated(&check, &["latency_ms"]),
        None => Report::warning("no service can tell"),
    }
}

/// The feeds as ical-sync sees them; a system without feeds is well.
async fn feeds_report(page: &ServicePage) -> Report {
    match page.check("ical_sync").await {
        Some(check) => repeated(&check, &["age_minutes", "feeds", "stale"]),
        None => Report::warning("ical-sync does not tell"),
    }
}

/// A check of another page, with those of its `figures` that it has.
fn repeated(check: &Value, figures: &[&'static str]) -> Report {
    let words = check
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or("no reason given");
    let report = match word(check) {
        "ok" => Report::ok(),
        "slow" => Report::slow(),
        "warning" => Report::warning(words),
        _ => Report::error(words),
    };
    figures
        .iter()
        .fold(report, |report, name| match check.get(*name) {
            Some(figure) => report.field(name, figure.clone()),
            None => report,
        })
}

fn word(check: &Value) -> &str {
    check.get("status").and_then(Value::as_str).unwrap_or("error")
}
