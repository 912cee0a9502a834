//! Every problem that the service answers with.

use std::sync::Arc;

use diesel::result::Error as DieselError;
use service::http::query::InvalidParameter;
use service::problem::{Problem, ToProblem};
use storage::{DatabaseUnavailable, StoreFailure};

use crate::fetch::FetchError;
use crate::use_cases::change_feed::ChangeError;
use crate::use_cases::read_feed::ReadError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("there is no such thing")]
    NotFound,
    #[error("the channel is not one of those we know")]
    UnknownChannel,
    #[error("this address is a feed already")]
    FeedKnown,
    #[error("the channel has a token already; rotate it")]
    TokenKnown,
    #[error(transparent)]
    Feed(#[from] FetchError),
    #[error("the feed cannot be read")]
    Unreadable(#[from] ReadError),
    #[error("the feed is not held: there is nothing to release")]
    NotHeld,
    #[error("a decision of 1 to 500 characters is required")]
    Decision,
    #[error(transparent)]
    Parameter(#[from] InvalidParameter),
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[source] DieselError),
    /// What everybody who waited for the same answer gets.
    #[error(transparent)]
    Shared(#[from] Arc<ApiError>),
}

impl ToProblem for ApiError {
    fn to_problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::plain(404),
            Self::UnknownChannel => Problem::new(422, "/problems/unknown-channel", "Unknown channel")
                .detail(self)
                .field("channel", "unknown"),
            Self::FeedKnown => Problem::new(409, "/problems/feed-known", "The feed is known")
                .detail(self)
                .field("url", "known"),
            Self::TokenKnown => {
                Problem::new(409, "/problems/token-known", "The channel has a token").detail(self)
            }
            Self::Feed(error) => Problem::new(422, "/problems/feed-unreadable", "The feed cannot be read")
                .detail(error)
                .field("url", "unreadable"),
            Self::Unreadable(error) => {
                let code = match error {
                    ReadError::NoCalendar(_) => "no_calendar",
                    ReadError::Fetch(_) | ReadError::Reader(_) => "unreadable",
                };
                Problem::new(422, "/problems/feed-unreadable", "The feed cannot be read")
                    .detail(error)
                    .field("url", code)
            }
            Self::NotHeld => {
                Problem::new(409, "/problems/feed-not-held", "The feed is not held").detail(self)
            }
            Self::Decision => Problem::invalid_request()
                .detail(self)
                .field("decision", "length"),
            Self::Parameter(error) => error.to_problem(),
            Self::Shared(error) => error.to_problem(),
            Self::Unavailable(error) => Problem::unavailable(2, error),
            Self::Store(error) => stores::problem::of_database(error),
        }
    }
}

service::problem_response!(ApiError);

impl From<DieselError> for ApiError {
    fn from(error: DieselError) -> Self {
        let named = |name| storage::error::violates(&error, name);
        if named("ical_feeds_url_key") {
            Self::FeedKnown
        } else if named("ical_export_tokens_live_key") {
            Self::TokenKnown
        } else if named("ical_feeds_accommodation_fkey") || named("ical_export_tokens_accommodation_fkey") {
            Self::NotFound
        } else {
            Self::Store(error)
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::NotFound,
            ChangeError::NotHeld => Self::NotHeld,
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<StoreFailure> for ApiError {
    fn from(error: StoreFailure) -> Self {
        match error {
            StoreFailure::Unavailable(error) => Self::Unavailable(error),
            StoreFailure::Query(error) => error.into(),
        }
    }
}
