//! Every failure that a client can see.

use service::http::query::InvalidParameter;
use service::problem::{Problem, ToProblem};
use storage::DatabaseUnavailable;

use crate::use_cases::keep::NotKept;
use crate::use_cases::replay::ReplayError;

/// How long a provider or a client should wait before it tries again, in seconds.
const RETRY_AFTER: u64 = 5;

/// A failure on its way to the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The secret that would prove a sender is not set.
    #[error("the receiver is not configured")]
    NotConfigured,
    /// The sender is not proven.
    #[error("the signature does not verify")]
    InvalidSignature,
    /// The handshake shows another token or mode.
    #[error("the handshake is refused")]
    HandshakeRefused,
    /// The handshake lacks a parameter.
    #[error("the handshake is malformed")]
    HandshakeMalformed,
    /// The delivery is nowhere: the provider must send it again.
    #[error("the delivery could not be kept")]
    NotKept(#[source] NotKept),
    /// There is no such delivery.
    #[error("there is no such delivery")]
    UnknownDelivery,
    /// Nobody can work on it.
    #[error("the delivery cannot be worked on")]
    DeadDelivery,
    /// A parameter of the query does not fit.
    #[error(transparent)]
    Parameter(#[from] InvalidParameter),
    /// PostgreSQL is away.
    #[error("the database is away")]
    Unavailable(#[source] DatabaseUnavailable),
    /// PostgreSQL failed.
    #[error("internal error")]
    Internal(#[source] diesel::result::Error),
}

impl ToProblem for ApiError {
    fn to_problem(&self) -> Problem {
        match self {
            Self::NotConfigured => Problem::new(
                503,
                "/problems/not-configured",
                "This receiver is not configured yet",
            )
            .retry_after(60),
            Self::InvalidSignature => Problem::new(
                403,
                "/problems/invalid-signature",
                "The signature does not verify",
            ),
            Self::HandshakeRefused => {
                Problem::new(403, "/problems/handshake-refused", "The handshake is refused")
            }
            Self::HandshakeMalformed => {
                Problem::new(400, "/problems/handshake-malformed", "The handshake is malformed")
            }
            Self::NotKept(cause) => Problem::unavailable(RETRY_AFTER, cause),
            Self::UnknownDelivery => {
                Problem::new(404, "/problems/delivery-not-found", "There is no such delivery")
            }
            Self::DeadDelivery => {
                Problem::new(409, "/problems/dead-delivery", "Nobody can work on this delivery")
            }
            Self::Parameter(error) => error.to_problem(),
            Self::Unavailable(cause) => Problem::unavailable(RETRY_AFTER, cause),
            Self::Internal(cause) => stores::problem::of_database(cause),
        }
    }
}

service::problem_response!(ApiError);

impl From<NotKept> for ApiError {
    fn from(error: NotKept) -> Self {
        Self::NotKept(error)
    }
}

impl From<DatabaseUnavailable> for ApiError {
    fn from(error: DatabaseUnavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Unknown => Self::UnknownDelivery,
            ReplayError::Dead => Self::DeadDelivery,
            ReplayError::Query(error) => Self::Internal(error),
        }
    }
}
