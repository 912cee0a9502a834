//! `reservation.cancelled.v1`, `reservation.expired.v1` → the guest hears that the nights are no longer theirs.

use events::v1;
use messaging::{Delivery, Outcome};

use super::tell_once;
use crate::news::News;
use crate::state::AppState;

pub(super) async fn reservation_cancelled(
    state: &AppState,
    delivery: Delivery<v1::ReservationCancelled>,
) -> Outcome {
    let news = News::Cancelled {
        event: delivery.event_id,
    };
    match delivery.event.reservation.clone().unwrap_or_default().id() {
        Ok(reservation) => tell_once(state, &delivery, reservation, &news).await,
        Err(error) => Outcome::Reject(error.into()),
    }
}

pub(super) async fn reservation_expired(
    state: &AppState,
    delivery: Delivery<v1::ReservationExpired>,
) -> Outcome {
    match delivery.event.reservation.clone().unwrap_or_default().id() {
        Ok(reservation) => tell_once(state, &delivery, reservation, &News::Expired).await,
        Err(error) => Outcome::Reject(error.into()),
    }
}
