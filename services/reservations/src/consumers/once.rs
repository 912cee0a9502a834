//! What became of a message: done, again later, or a dead letter.

use diesel::result::Error as DieselError;
use events::InvalidEvent;
use messaging::Outcome;
use uuid::Uuid;

use crate::use_cases::settle_payment::SettlePaymentError;

/// Why a message was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandleError {
    /// It names something that is not there and never will be.
    #[error("the event names something unknown: {0}")]
    Unknown(Uuid),
    #[error(transparent)]
    Settle(#[from] SettlePaymentError),
    #[error("the store")]
    Store(#[from] DieselError),
}

/// What the broker is told.
pub(super) fn outcome(result: Result<(), HandleError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(error @ (HandleError::Unknown(_) | HandleError::Settle(SettlePaymentError::Unknown))) => {
            Outcome::Reject(error.into())
        }
        Err(HandleError::Store(error) | HandleError::Settle(SettlePaymentError::Store(error)))
            if storage::error::is_unavailable(&error) =>
        {
            Outcome::Postpone(error.into())
        }
        Err(error) => Outcome::Retry(error.into()),
    }
}

/// A message that no writer of ours sends.
pub(super) fn invalid(error: InvalidEvent) -> Outcome {
    Outcome::Reject(error.into())
}
