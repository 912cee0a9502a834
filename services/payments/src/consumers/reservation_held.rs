//! `reservation.held.v1` → the guest gets a link to pay by.

use events::v1;
use messaging::{Delivery, Outcome};

use crate::state::AppState;
use crate::use_cases::ensure_link::{EnsureLinkError, ensure_link};

/// Makes the link. One link a debt is the rule of the table itself, so that a repeated event finds the link there.
pub(crate) async fn reservation_held(state: &AppState, delivery: Delivery<v1::ReservationHeld>) -> Outcome {
    let reservation = delivery.event.reservation.unwrap_or_default();
    let id = match reservation.id() {
        Ok(id) => id,
        Err(error) => return Outcome::Reject(error.into()),
    };
    match ensure_link(state, id).await {
        // A job asks the provider again, for as long as the hold lasts.
        Ok(_) | Err(EnsureLinkError::Provider(_)) => Outcome::Done,
        Err(error) if error.is_settled() => Outcome::Done,
        Err(error @ EnsureLinkError::Unavailable(_)) => Outcome::Postpone(error.into()),
        Err(error) => Outcome::Retry(error.into()),
    }
}
