//! Calls to other services over pooled connections, with our ids, a deadline and metrics.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use telemetry::metrics::{Counter, Histogram};

use crate::http::context;
use crate::internal::TOKEN_HEADER;
use crate::problem::{Problem, ToProblem};
use crate::start;

/// The whole of one upstream call; less than what the gateway allows its caller.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept: less than our servers keep theirs, so that none is used as it closes.
const IDLE: Duration = Duration::from_secs(30);

const KINDS: &[&str] = &["unreachable", "timeout", "server_error"];

/// Another service. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Upstream {
    name: &'static str,
    base: String,
    token: Option<SecretString>,
    client: Client,
    duration: Histogram,
    failures: Counter,
}

/// Why an upstream gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It could not be reached, or broke off.
    #[error("{upstream} cannot be reached")]
    Unreachable {
        /// Which.
        upstream: &'static str,
        /// What the client said, without the address.
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("{upstream} did not answer in time")]
    TimedOut {
        /// Which.
        upstream: &'static str,
        /// What the client said, without the address.
        source: reqwest::Error,
    },
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("set up the HTTP client for {upstream}")]
pub struct ClientError {
    upstream: &'static str,
    source: reqwest::Error,
}

impl Upstream {
    /// The service `name` at `base` (`http://127.0.0.1:8001`); `token` is shown to it as `x-internal-token`.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if no HTTP client can be made.
    pub fn new(name: &'static str, base: &str, token: Option<SecretString>) -> Result<Self, ClientError> {
        Self::with_timeout(name, base, token, TIMEOUT)
    }

    /// [`new`](Self::new) with another deadline than [`TIMEOUT`].
    ///
    /// # Errors
    ///
    /// [`ClientError`] if no HTTP client can be made.
    pub fn with_timeout(
        name: &'static str,
        base: &str,
        token: Option<SecretString>,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        start::install_crypto();
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(Duration::from_secs(1).min(timeout))
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|source| ClientError {
                upstream: name,
                source,
            })?;
        let duration = Histogram::seconds(
            "upstream_request_duration_seconds",
            "Calls to another service, until its headers arrived.",
            &[("upstream", &[])],
        );
        let failures = Counter::new(
            "upstream_errors_total",
            "Calls to another service that it did not answer, or with a 5xx.",
            &[("upstream", &[]), ("kind", KINDS)],
        );
        for kind in KINDS {
            failures.add(0, &[("upstream", name), ("kind", kind)]);
        }
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            name,
            base,
            token,
            client,
            duration,
            failures,
        })
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Starts a request to `path_and_query`, with request id, trace context and token set. Send it with
    /// [`send`](Self::send).
    pub fn request(&self, method: Method, path_and_query: &str) -> RequestBuilder {
        let mut request = self.forward(method, path_and_query);
        if let Some(token) = &self.token {
            request = request.header(TOKEN_HEADER, token.expose_secret());
        }
        if let Some(id) = context::request_id() {
            request = request.header("x-request-id", id);
        }
        request
    }

    /// Starts a request that passes on another's headers: only the trace context is set. Neither request id nor token
    /// is, since a provider may have signed its own.
    pub fn forward(&self, method: Method, path_and_query: &str) -> RequestBuilder {
        let mut request = self
            .client
            .request(method, format!("{}{path_and_query}", self.base));
        if let Some(parent) = telemetry::trace::current_traceparent() {
            request = request.header("traceparent", parent);
        }
        if let Some(state) = telemetry::trace::current_tracestate() {
            request = request.header("tracestate", state);
        }
        request
    }

    /// Sends a request; every answer counts as one, whatever its status.
    ///
    /// # Errors
    ///
    /// [`UpstreamError`] if there is no answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, UpstreamError> {
        let began = Instant::now();
        let answer = request.send().await;
        self.duration.observe(began.elapsed(), &[("upstream", self.name)]);
        match answer {
            Ok(response) => {
                if response.status().is_server_error() {
                    self.count("server_error");
                }
                Ok(response)
            }
            Err(failure) => Err(self.failure(failure)),
        }
    }

    /// Sorts a failure of reading an answer's body as [`send`](Self::send) sorts its own.
    #[must_use]
    pub fn failure(&self, failure: reqwest::Error) -> UpstreamError {
        let (upstream, source) = (self.name, failure.without_url());
        if source.is_timeout() {
            self.count("timeout");
            UpstreamError::TimedOut { upstream, source }
        } else {
            self.count("unreachable");
            UpstreamError::Unreachable { upstream, source }
        }
    }

    fn count(&self, kind: &str) {
        self.failures
            .increment(&[("upstream", self.name), ("kind", kind)]);
    }
}

impl ToProblem for UpstreamError {
    /// 503 if it cannot be reached, 504 if it is too slow; both may be tried again.
    fn to_problem(&self) -> Problem {
        match self {
            Self::Unreachable { .. } => Problem::unavailable(2, self),
            Self::TimedOut { .. } => Problem::plain(504).retry_after(2).caused_by(self),
        }
    }
}

impl From<UpstreamError> for Problem {
    fn from(error: UpstreamError) -> Self {
        error.to_problem()
    }
}
