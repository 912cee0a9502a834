//! `/livez`, `/readyz`, `/healthz` and `/metrics`, the same for every service.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::ServiceConfig;
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use serde_json::json;

use crate::health::Health;
use crate::http::resource;
use crate::readiness::Readiness;

/// How long the hooks of a scrape may take together.
const HOOK_LIMIT: Duration = Duration::from_secs(1);

/// Runs before `/metrics` is rendered.
pub struct ScrapeHook(Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>);

impl ScrapeHook {
    pub(super) fn new<F, R>(hook: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self(Box::new(move || hook().boxed()))
    }
}

impl std::fmt::Debug for ScrapeHook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ScrapeHook")
    }
}

#[derive(Clone)]
pub(super) struct Probes {
    health: Health,
    readiness: Readiness,
    hooks: Arc<Vec<ScrapeHook>>,
}

impl Probes {
    pub(super) fn new(health: Health, readiness: Readiness, hooks: Vec<ScrapeHook>) -> Self {
        Self {
            health,
            readiness,
            hooks: Arc::new(hooks),
        }
    }

    pub(super) fn configure(self, config: &mut ServiceConfig) {
        let Self {
            health,
            readiness,
            hooks,
        } = self;
        config
            .service(resource("/livez").get(live))
            .service(resource("/readyz").get(move || std::future::ready(readiness.respond())))
            .service(resource("/healthz").get(move || {
                let health = health.clone();
                async move { health.respond().await }
            }))
            .service(resource("/metrics").get(move || metrics(Arc::clone(&hooks))));
    }
}

async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "status": "ok" }))
}

async fn metrics(hooks: Arc<Vec<ScrapeHook>>) -> HttpResponse {
    let all = join_all(hooks.iter().map(|hook| (hook.0)()));
    if tokio::time::timeout(HOOK_LIMIT, all).await.is_err() {
        tracing::warn!("the gauges of this scrape are not all fresh");
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, telemetry::metrics::CONTENT_TYPE))
        .body(telemetry::metrics::render())
}
