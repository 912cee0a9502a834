//! Refusals of the control endpoints.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

/// What a control endpoint refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The body says something impossible.
    #[error("{0}")]
    Invalid(String),
    /// Nothing has that id.
    #[error("there is no {0}")]
    Unknown(String),
    /// Not in this state.
    #[error("{0}")]
    Conflict(String),
}

impl Problem {
    pub(crate) fn payment(id: u64) -> Self {
        Self::Unknown(format!("payment {id}"))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        HttpResponse::build(status)
            .content_type("application/problem+json")
            .json(json!({ "type": "about:blank", "title": self.to_string(), "status": status.as_u16() }))
    }
}

/// For paths that do not exist.
pub(crate) async fn unknown_path() -> Result<HttpResponse, Problem> {
    Err(Problem::Unknown("such control; see docs/SANDBOX.md".to_owned()))
}
