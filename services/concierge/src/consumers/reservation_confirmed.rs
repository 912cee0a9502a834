//! `reservation.confirmed.v1` → the guest hears that the stay is theirs.

use events::v1;
use messaging::{Delivery, Outcome};

use super::tell_once;
use crate::news::News;
use crate::state::AppState;

pub(super) async fn reservation_confirmed(
    state: &AppState,
    delivery: Delivery<v1::ReservationConfirmed>,
) -> Outcome {
    match delivery.event.reservation.clone().unwrap_or_default().id() {
        Ok(reservation) => tell_once(state, &delivery, reservation, &News::Confirmed).await,
        Err(error) => Outcome::Reject(error.into()),
    }
}
