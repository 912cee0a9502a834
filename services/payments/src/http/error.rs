//! Every failure that a client can see.

use service::http::query::InvalidParameter;
use service::problem::{Problem, ToProblem};
use storage::DatabaseUnavailable;

use crate::state::NotConfigured;
use crate::use_cases::ensure_link::EnsureLinkError;
use crate::use_cases::plan_link::NothingToPay;
use crate::use_cases::poll::PollError;
use crate::use_cases::refund_by_host::RefundByHostError;
use crate::use_cases::resolve_parked::ResolveParkedError;

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER: u64 = 5;

/// A failure on its way to the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The guest shows no token.
    #[error("the guest is not authenticated")]
    Unauthenticated,
    /// No such reservation, or not this guest's.
    #[error("there is no such reservation")]
    UnknownReservation,
    /// No such payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// Nothing is owed now.
    #[error(transparent)]
    NothingToPay(NothingToPay),
    /// The provider's credentials are not set.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The link comes later.
    #[error("the payment link comes later")]
    LinkLater(#[source] Option<Box<EnsureLinkError>>),
    /// The same request is running.
    #[error("the same request is running")]
    StillRunning,
    /// The key belongs to another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// Nothing, or not so much, is left to give back.
    #[error("not so much is left to give back")]
    NotRefundable,
    /// The decision does not fit the payment.
    #[error(transparent)]
    Decision(ResolveParkedError),
    /// A field does not fit.
    #[error("{0} does not fit")]
    Invalid(&'static str),
    /// A parameter of the query does not fit.
    #[error(transparent)]
    Parameter(#[from] InvalidParameter),
    /// The provider does not answer.
    #[error("the provider does not answer")]
    Provider(#[source] PollError),
    /// PostgreSQL is away.
    #[error("the database is away")]
    Unavailable(#[from] DatabaseUnavailable),
    /// PostgreSQL failed.
    #[error("internal error")]
    Internal(#[from] diesel::result::Error),
}

impl ToProblem for ApiError {
    fn to_problem(&self) -> Problem {
        match self {
            Self::Unauthenticated => Problem::plain(401).authenticate("Bearer"),
            Self::UnknownReservation => Problem::new(
                404,
                "/problems/reservation-not-found",
                "There is no such reservation",
            ),
            Self::UnknownPayment => {
                Problem::new(404, "/problems/payment-not-found", "There is no such payment")
            }
            Self::NothingToPay(why) => nothing_to_pay(*why),
            Self::NotConfigured(_) => {
                Problem::new(503, "/problems/not-configured", "Payments are not configured yet")
                    .detail("The payment provider's credentials are not set.")
                    .retry_after(60)
            }
            Self::LinkLater(cause) => {
                let problem = Problem::new(
                    503,
                    "/problems/payment-link-later",
                    "The payment link comes later",
                )
                .retry_after(RETRY_AFTER);
                match cause {
                    Some(cause) => problem.caused_by(cause.as_ref()),
                    None => problem,
                }
            }
            Self::StillRunning => Problem::new(
                409,
                "/problems/request-still-running",
                "The same request is running",
            )
            .retry_after(1),
            Self::KeyReused => Problem::new(
                422,
                "/problems/idempotency-key-reused",
                "The key belongs to another request",
            ),
            Self::NotRefundable => Problem::new(
                409,
                "/problems/not-refundable",
                "Not so much is left to give back",
            ),
            Self::Decision(why) => decision(why),
            Self::Invalid(field) => Problem::invalid_request().field(*field, "invalid"),
            Self::Parameter(error) => error.to_problem(),
            Self::Provider(cause) => Problem::new(
                503,
                "/problems/provider-unavailable",
                "The payment provider does not answer",
            )
            .retry_after(RETRY_AFTER)
            .caused_by(cause),
            Self::Unavailable(cause) => Problem::unavailable(RETRY_AFTER, cause),
            Self::Internal(cause) => stores::problem::of_database(cause),
        }
    }
}

service::problem_response!(ApiError);

fn nothing_to_pay(why: NothingToPay) -> Problem {
    match why {
        NothingToPay::Unknown => ApiError::UnknownReservation.to_problem(),
        NothingToPay::NotHeld(_) => Problem::new(
            409,
            "/problems/reservation-not-payable",
            "The reservation cannot be paid for",
        )
        .detail(why),
        NothingToPay::HoldEnded => {
            Problem::new(409, "/problems/hold-expired", "The hold has run out").detail(why)
        }
        NothingToPay::Paid => Problem::new(409, "/problems/already-paid", "The deposit is paid").detail(why),
    }
}

fn decision(why: &ResolveParkedError) -> Problem {
    match why {
        ResolveParkedError::Unknown => ApiError::UnknownPayment.to_problem(),
        ResolveParkedError::NotParked => {
            Problem::new(409, "/problems/payment-not-parked", "The payment is not parked")
        }
        ResolveParkedError::NoReservation
        | ResolveParkedError::NotApproved(_)
        | ResolveParkedError::WrongCurrency
        | ResolveParkedError::CreditedElsewhere
        | ResolveParkedError::NothingLeft => Problem::new(
            409,
            "/problems/decision-impossible",
            "The decision does not fit the payment",
        )
        .detail(why),
        ResolveParkedError::Query(cause) => stores::problem::of_database(cause),
    }
}

impl From<EnsureLinkError> for ApiError {
    fn from(error: EnsureLinkError) -> Self {
        match error {
            EnsureLinkError::NotConfigured(why) => Self::NotConfigured(why),
            EnsureLinkError::NothingToPay(why) => Self::NothingToPay(why),
            EnsureLinkError::Unavailable(error) => Self::Unavailable(error),
            EnsureLinkError::Query(error) => Self::Internal(error),
            error @ (EnsureLinkError::InOtherHands
            | EnsureLinkError::Provider(_)
            | EnsureLinkError::Changed) => Self::LinkLater(Some(Box::new(error))),
        }
    }
}

impl From<PollError> for ApiError {
    fn from(error: PollError) -> Self {
        match error {
            PollError::NotConfigured(why) => Self::NotConfigured(why),
            PollError::Unavailable(error) => Self::Unavailable(error),
            PollError::Query(error) => Self::Internal(error),
            error @ PollError::Provider(_) => Self::Provider(error),
        }
    }
}

impl From<RefundByHostError> for ApiError {
    fn from(error: RefundByHostError) -> Self {
        match error {
            RefundByHostError::UnknownPayment => Self::UnknownPayment,
            RefundByHostError::NotRefundable => Self::NotRefundable,
            RefundByHostError::StillRunning => Self::StillRunning,
            RefundByHostError::KeyReused => Self::KeyReused,
            RefundByHostError::Query(error) => Self::Internal(error),
        }
    }
}

impl From<ResolveParkedError> for ApiError {
    fn from(error: ResolveParkedError) -> Self {
        match error {
            ResolveParkedError::Query(error) => Self::Internal(error),
            error => Self::Decision(error),
        }
    }
}
