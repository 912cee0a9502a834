//! `reservation.confirmed.v1` → nobody pays for it any more, and the payment that did it is settled.

use diesel_async::AsyncConnection;
use events::v1;
use messaging::{Delivery, Outcome};
use storage::inbox;
use storage::payments::{self, Resolution};
use uuid::Uuid;

use super::reservation_ended::ConsumeError;
use crate::state::AppState;
use crate::use_cases::retire_link;

/// Retires the link, notes the settlement, and measures how long the guest waited for it.
pub(crate) async fn reservation_confirmed(
    state: &AppState,
    delivery: Delivery<v1::ReservationConfirmed>,
) -> Outcome {
    let event = &delivery.event;
    let id = match event.reservation.clone().unwrap_or_default().id() {
        Ok(id) => id,
        Err(error) => return Outcome::Reject(error.into()),
    };
    let payment: Option<Uuid> = event.payment_id.parse().ok();
    let resolution = if event.revived {
        Resolution::Revived
    } else {
        Resolution::Confirmed
    };
    let now = state.clock.now();
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if !inbox::first_time(conn, &delivery.consumer, delivery.event_id, now).await? {
                return Ok((None, None));
            }
            let retired = retire_link::retire(conn, id, now).await?;
            let paid = match payment {
                Some(payment) => {
                    payments::resolve(conn, payment, resolution, now).await?;
                    payments::find(conn, payment).await?
                }
                None => None,
            };
            Ok::<_, ConsumeError>((retired, paid))
        })
        .await;
    drop(conn);
    match result {
        Ok((retired, paid)) => {
            if let Some(approved_at) = paid.and_then(|paid| paid.provider_approved_at) {
                state.metrics.confirmed_after(now - approved_at);
            }
            retire_link::end_at_provider(state, retired).await;
            Outcome::Done
        }
        Err(error) => Outcome::Retry(error.into()),
    }
}
