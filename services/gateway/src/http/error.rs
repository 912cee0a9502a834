//! Every problem that the gateway itself answers with; those of other services pass through it unchanged.

use std::error::Error;

use service::problem::{Problem, ToProblem};
use service::upstream::UpstreamError;

use crate::limits::Exceeded;
use crate::login::LoginError;

/// A refusal of the gateway's own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("no staff token was sent")]
    NotLoggedIn,
    #[error("the staff token is not valid, or has expired")]
    TokenInvalid,
    #[error("the role does not allow this")]
    RoleMissing,
    #[error("the e-mail address or the password is wrong")]
    LoginRefused,
    #[error("too many attempts")]
    TooMany(Exceeded),
    #[error("too many want to log in at this moment")]
    LoginsBusy,
    #[error("{0} does not fit")]
    Invalid(&'static str),
    #[error("no such page")]
    NotFound,
    #[error("JWT_SECRET is not set")]
    LoginsNotConfigured,
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("the database cannot be asked")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    #[error("internal failure")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ToProblem for ApiError {
    fn to_problem(&self) -> Problem {
        match self {
            Self::NotLoggedIn => Problem::new(401, "/problems/not-logged-in", "Log in first")
                .detail("Send the token of POST /api/v1/admin/login as Authorization: Bearer.")
                .authenticate("Bearer realm=\"staff\""),
            Self::TokenInvalid => Problem::new(401, "/problems/token-invalid", "Log in again")
                .detail(self)
                .authenticate("Bearer realm=\"staff\", error=\"invalid_token\""),
            Self::RoleMissing => Problem::new(403, "/problems/role-missing", "Not allowed for your role"),
            Self::LoginRefused => Problem::new(
                401,
                "/problems/login-refused",
                "The e-mail address or the password is wrong",
            )
            .authenticate("Bearer realm=\"staff\""),
            Self::TooMany(exceeded) => Problem::new(429, "/problems/too-many-requests", "Too many requests")
                .retry_after(exceeded.retry_after)
                .rate_limit(&exceeded.policy, &exceeded.state),
            Self::LoginsBusy => {
                Problem::new(503, "/problems/logins-busy", "Too many logins at once").retry_after(2)
            }
            Self::Invalid(field) => Problem::invalid_request().field(*field, "invalid"),
            Self::NotFound => Problem::plain(404),
            Self::LoginsNotConfigured => Problem::new(503, "/problems/not-configured", "Not configured")
                .detail(self)
                .retry_after(60),
            Self::Upstream(error) => error.to_problem(),
            Self::Database(_) => Problem::unavailable(2, self),
            Self::Internal(_) => Problem::internal(self),
        }
    }
}

service::problem_response!(ApiError);

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::LoginRefused,
            LoginError::TooMany(exceeded) => Self::TooMany(exceeded),
            LoginError::Busy => Self::LoginsBusy,
            LoginError::Database(_) => Self::Database(error.into()),
            LoginError::Token(_) => Self::Internal(error.into()),
        }
    }
}
