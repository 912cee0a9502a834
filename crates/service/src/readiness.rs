//! Whether traffic should be sent here: the service's own state, never a dependency's.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::json;

use crate::background::Background;

/// The first and the longest pause between two looks at something that is waited for.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Shared by the service and its `/readyz`. Ready when nothing is waited for and it is not draining.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<&'static str>,
    draining: bool,
}

impl Readiness {
    /// Not ready until [`done`](Self::done) is called for the same thing, for example `migrations`.
    pub fn wait_for(&self, what: &'static str) {
        self.state(|state| state.waiting.insert(what));
    }

    /// `what` has come; it is not asked for again.
    pub fn done(&self, what: &'static str) {
        self.state(|state| state.waiting.remove(what));
    }

    /// Never ready again: the service is about to stop.
    pub fn drain(&self) {
        self.state(|state| state.draining = true);
    }

    /// What stands in the way; empty when ready.
    #[must_use]
    pub fn obstacles(&self) -> Vec<&'static str> {
        self.state(|state| {
            let draining = state.draining.then_some("stopping");
            draining
                .into_iter()
                .chain(state.waiting.iter().copied())
                .collect()
        })
    }

    /// Waits for `what` in the background: `look` is asked again and again, with growing pauses, until it succeeds.
    ///
    /// So a service starts before its stores do, alive but not ready.
    pub fn require<F, R, E>(&self, background: &Background, what: &'static str, mut look: F)
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = Result<(), E>> + Send,
        E: std::error::Error + Send + 'static,
    {
        self.wait_for(what);
        let (readiness, token) = (self.clone(), background.token());
        background.spawn(what, async move {
            let (mut pause, longest) = PAUSES;
            let mut said = false;
            while let Err(failure) = look().await {
                if !said {
                    let cause = telemetry::trace::chain(&failure);
                    tracing::warn!(cause, "not ready: waiting for {what}");
                    said = true;
                }
                tokio::select! {
                    () = token.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(longest);
            }
            readiness.done(what);
            tracing::info!("{what}: there");
        });
    }

    /// 200, or 503 with what stands in the way.
    #[must_use]
    pub fn respond(&self) -> HttpResponse {
        let obstacles = self.obstacles();
        let (mut response, body) = if obstacles.is_empty() {
            (HttpResponse::Ok(), json!({ "status": "ok" }))
        } else {
            (
                HttpResponse::ServiceUnavailable(),
                json!({ "status": "not ready", "waiting_for": obstacles }),
            )
        };
        response.insert_header((CACHE_CONTROL, "no-store")).json(body)
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
