//! How a call travels: attempts, their waits, and the circuit.

mod call;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

pub(super) use self::call::Call;
use super::{Attempt, Observe, Settings};
use crate::circuit::{Breaker, Circuit};
use crate::error::{CallError, Outcome, Unavailability};
use crate::retry_after;

/// Larger answers are not read to their end.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// The longest wait between two attempts, unless the provider asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Who we say we are.
const USER_AGENT: &str = concat!("alojamientos/", env!("CARGO_PKG_VERSION"));

/// Connections, circuit and limits of one account.
pub(super) struct Transport {
    http: reqwest::Client,
    base_url: Url,
    breaker: Breaker,
    observe: Observe,
    attempt_timeout: Duration,
    call_timeout: Duration,
    waits: ExponentialBuilder,
}

impl Transport {
    pub(super) fn new(settings: &Settings, observe: Observe) -> Result<Self, CallError> {
        let bearer = format!("Bearer {}", settings.access_token.expose_secret());
        let mut authorization =
            HeaderValue::from_str(&bearer).map_err(|error| CallError::Request(error.into()))?;
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, authorization)]))
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(16)
            .pool_idle_timeout(Duration::from_mins(1))
            .redirect(Policy::none())
            .build()
            .map_err(|error| CallError::Request(error.into()))?;
        let waits = ExponentialBuilder::default()
            .with_min_delay(settings.first_wait)
            .with_max_delay(LONGEST_WAIT.max(settings.first_wait))
            .with_max_times(settings.repetitions)
            .with_jitter();
        Ok(Self {
            http,
            base_url: settings.base_url.clone(),
            breaker: Breaker::new(settings.failures_to_open, settings.open_for),
            observe,
            attempt_timeout: settings.attempt_timeout,
            call_timeout: settings.call_timeout,
            waits,
        })
    }

    pub(super) fn circuit(&self) -> Circuit {
        self.breaker.state()
    }

    /// Makes `call`, repeating it unchanged while it may still succeed in time.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CallError> {
        let deadline = Instant::now() + self.call_timeout;
        let unanswered = AtomicBool::new(false);
        let result = (|| self.observed(call, deadline))
            .retry(self.waits)
            .when(|error| {
                unanswered.fetch_or(matches!(error, CallError::Unavailable(_)), Ordering::Relaxed);
                error.is_transient() && self.circuit() != Circuit::Open
            })
            .adjust(|error, wait| {
                let asked = match error {
                    CallError::RateLimited { retry_after } => retry_after.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                let wait = wait?.saturating_add(asked);
                (Instant::now() + wait < deadline).then_some(wait)
            })
            .await;
        match result {
            // What opened meanwhile must not hide that something of ours was sent.
            Err(CallError::CircuitOpen) if unanswered.load(Ordering::Relaxed) => {
                Err(CallError::Unavailable(Unavailability::Interrupted))
            }
            result => result,
        }
    }

    /// One attempt, told to the breaker and to the observer.
    async fn observed<T: DeserializeOwned>(&self, call: &Call, deadline: Instant) -> Result<T, CallError> {
        let start = Instant::now();
        let result = if self.breaker.permits() {
            let result = self.attempt(call, deadline).await;
            match &result {
                Err(CallError::Unavailable(_)) => self.breaker.failed(),
                _ => self.breaker.answered(),
            }
            result.and_then(|body| serde_json::from_slice(&body).map_err(CallError::Malformed))
        } else {
            Err(CallError::CircuitOpen)
        };
        let outcome = result.as_ref().err().map_or(Outcome::Success, CallError::outcome);
        let took = start.elapsed();
        tracing::debug!(
            provider.operation = call.operation.as_str(),
            outcome = outcome.as_str(),
            duration_ms = took.as_millis(),
            "mercadopago call"
        );
        (self.observe)(Attempt {
            operation: call.operation,
            outcome,
            took,
        });
        result
    }

    /// The body of a successful answer.
    async fn attempt(&self, call: &Call, deadline: Instant) -> Result<Vec<u8>, CallError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let request = call.request(&self.http, &self.base_url)?;
        let answer = request
            .timeout(self.attempt_timeout.min(left))
            .send()
            .await
            .map_err(lost)?;
        let (status, wait) = (answer.status(), retry_after::read(answer.headers()));
        let body = read(answer).await?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(CallError::from_answer(status.as_u16(), wait, &body))
        }
    }
}

/// Reads an answer up to [`LARGEST_ANSWER`].
async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(lost)? {
        if LARGEST_ANSWER < body.len() + chunk.len() {
            return Err(CallError::Unavailable(Unavailability::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn lost(error: reqwest::Error) -> CallError {
    CallError::Unavailable(Unavailability::Connection(error.without_url()))
}
