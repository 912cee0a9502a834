//! Refusals in the form of RFC 9457, `application/problem+json`.
//!
//! Clients decide on `type` or `code`; `detail` is for people. Nothing internal is ever shown: what went wrong inside
//! goes to the log through [`Problem::caused_by`].

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use serde::Serialize;

use crate::http::context;

/// What stands before the path of a problem's `type`. It never changes: clients compare whole types.
pub const TYPE_BASE: &str = "https://alojamientos.example";

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A refusal on its way to the client.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Members>);

#[derive(Debug, Clone, Serialize)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip)]
    allow: Option<String>,
    #[serde(skip)]
    authenticate: Option<String>,
    #[serde(skip)]
    rate_limit: Option<RateLimit>,
    #[serde(skip)]
    cause: Option<String>,
}

#[derive(Debug, Clone)]
struct RateLimit {
    policy: String,
    state: String,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    /// The field, dotted if it is nested.
    pub field: String,
    /// What is wrong, in snake case.
    pub code: String,
}

/// Put into a response's extensions for the access log.
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub(crate) String);

impl Problem {
    /// A kind of problem: `Problem::new(409, "/problems/nights-taken", "The nights are no longer free")`.
    ///
    /// `code` follows from the path (`nights_taken`). With `about:blank` the title is the status phrase.
    #[must_use]
    pub fn new(status: u16, path: &str, title: &str) -> Self {
        let (kind, code) = match path.strip_prefix('/') {
            Some(_) => (
                format!("{TYPE_BASE}{path}"),
                path.rsplit('/').next().map(|slug| slug.replace('-', "_")),
            ),
            None => (path.to_owned(), None),
        };
        Self(Box::new(Members {
            kind,
            title: title.to_owned(),
            status,
            detail: None,
            instance: None,
            code,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            authenticate: None,
            rate_limit: None,
            cause: None,
        }))
    }

    /// A request that is understood and refused: 422. Name the field, too.
    #[must_use]
    pub fn invalid_request() -> Self {
        Self::new(422, "/problems/invalid-request", "The request does not fit")
    }

    /// A problem that its status says all about.
    #[must_use]
    pub fn plain(status: u16) -> Self {
        let title = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let problem = Self::new(status, "about:blank", title.unwrap_or("Unknown"));
        problem.code(code_of(status))
    }

    /// 500, with its cause for the log only.
    #[must_use]
    pub fn internal(cause: &(dyn Error + 'static)) -> Self {
        Self::plain(500).caused_by(cause)
    }

    /// 503 with `Retry-After`, with its cause for the log only.
    #[must_use]
    pub fn unavailable(retry_after_seconds: u64, cause: &(dyn Error + 'static)) -> Self {
        Self::new(
            503,
            "/problems/temporarily-unavailable",
            "Temporarily unavailable",
        )
        .retry_after(retry_after_seconds)
        .caused_by(cause)
    }

    /// Words for a person about this occurrence.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }

    /// Another `code` than the one that follows from the type.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
        self
    }

    /// Adds a field that is wrong.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, code: impl Into<String>) -> Self {
        self.0.errors.push(FieldError {
            field: field.into(),
            code: code.into(),
        });
        self
    }

    /// When to try again, as member and header; never 0.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// The `Allow` header of a 405.
    #[must_use]
    pub fn allow(mut self, methods: impl Into<String>) -> Self {
        self.0.allow = Some(methods.into());
        self
    }

    /// The `WWW-Authenticate` header of a 401, for example `Bearer`.
    #[must_use]
    pub fn authenticate(mut self, challenge: impl Into<String>) -> Self {
        self.0.authenticate = Some(challenge.into());
        self
    }

    /// The headers `RateLimit-Policy` and `RateLimit` of a 429.
    #[must_use]
    pub fn rate_limit(mut self, policy: impl Into<String>, state: impl Into<String>) -> Self {
        self.0.rate_limit = Some(RateLimit {
            policy: policy.into(),
            state: state.into(),
        });
        self
    }

    /// Another `instance` than the request's own.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.0.instance = Some(instance.into());
        self
    }

    /// What went wrong inside, with all its causes: for the log, never for the client.
    #[must_use]
    pub fn caused_by(mut self, cause: &(dyn Error + 'static)) -> Self {
        self.0.cause = Some(telemetry::trace::chain(cause));
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The JSON as it would be sent, for storing an answer.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.located()).unwrap_or_default()
    }

    /// The response.
    #[must_use]
    pub fn to_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.content_type(CONTENT_TYPE);
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if let Some(methods) = &self.0.allow {
            response.insert_header((ALLOW, methods.as_str()));
        }
        if let Some(challenge) = &self.0.authenticate {
            response.insert_header((WWW_AUTHENTICATE, challenge.as_str()));
        }
        if let Some(limit) = &self.0.rate_limit {
            response.insert_header(("ratelimit-policy", limit.policy.as_str()));
            response.insert_header(("ratelimit", limit.state.as_str()));
        }
        let body = serde_json::to_string(&self.located()).unwrap_or_default();
        let mut response = response.body(body);
        if let Some(cause) = &self.0.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }

    fn located(&self) -> Self {
        let mut located = self.clone();
        located.0.instance = located.0.instance.or_else(context::instance);
        located
    }
}

/// A service's own error type answers by this, and gets `ResponseError` in one line with
/// [`problem_response!`](crate::problem_response).
pub trait ToProblem {
    /// The refusal the client sees.
    fn to_problem(&self) -> Problem;
}

/// Implements actix's `ResponseError` for a type with [`ToProblem`]; the orphan rule forbids doing it once for all.
#[macro_export]
macro_rules! problem_response {
    ($error:ty) => {
        impl ::actix_web::ResponseError for $error {
            fn status_code(&self) -> ::actix_web::http::StatusCode {
                $crate::problem::ToProblem::to_problem(self).status()
            }

            fn error_response(&self) -> ::actix_web::HttpResponse {
                $crate::problem::ToProblem::to_problem(self).to_response()
            }
        }
    };
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.title)
    }
}

impl Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.to_response()
    }
}

impl Responder for Problem {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        self.to_response()
    }
}

const fn code_of(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        408 => "request_timeout",
        409 => "conflict",
        413 => "body_too_large",
        415 => "unsupported_media_type",
        422 => "invalid",
        429 => "rate_limited",
        503 => "temporarily_unavailable",
        504 => "upstream_timed_out",
        500..=599 => "internal",
        _ => "refused",
    }
}
