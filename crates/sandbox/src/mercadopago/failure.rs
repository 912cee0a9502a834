//! Refusals in the shape of Mercado Pago's API.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::{Value, json};

/// A refusal: `{"message":…,"error":…,"status":…,"cause":[{"code":…,"description":…}]}`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    status: StatusCode,
    error: &'static str,
    message: String,
    cause: Option<u32>,
}

impl Failure {
    pub(crate) fn bad_request(error: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            message: message.into(),
            cause: None,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "invalid access token".to_owned();
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "unauthorized",
            message,
            cause: None,
        }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            error: "not_found",
            message: message.into(),
            cause: Some(2000),
        }
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            error: "conflict",
            message: message.into(),
            cause: None,
        }
    }

    /// Adds the number that the API gives in `cause`.
    pub(crate) fn because(self, code: u32) -> Self {
        Self {
            cause: Some(code),
            ..self
        }
    }

    pub(crate) fn body(&self) -> Value {
        let code = self.cause.map_or_else(|| json!(self.error), |code| json!(code));
        json!({
            "message": self.message,
            "error": self.error,
            "status": self.status.as_u16(),
            "cause": [{ "code": code, "description": self.message, "data": null }],
        })
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(self.body())
    }
}

/// The usual body of an answer with `status`.
pub(crate) fn error_body(status: StatusCode) -> Value {
    let (error, message) = match status.as_u16() {
        401 => ("unauthorized", "invalid access token"),
        403 => ("forbidden", "policy refused the request"),
        404 => ("not_found", "resource not found"),
        409 => ("conflict", "the resource is in another state"),
        423 => ("locked", "a request with this idempotency key is being processed"),
        424 => ("failed_dependency", "a dependency failed"),
        429 => ("too_many_requests", "too many requests"),
        500.. => ("internal_error", "internal_error"),
        _ => ("bad_request", "bad request"),
    };
    json!({ "message": message, "error": error, "status": status.as_u16(), "cause": [] })
}
