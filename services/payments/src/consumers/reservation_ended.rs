//! `reservation.cancelled.v1`, `reservation.expired.v1` → nobody pays for it any more.

use diesel_async::AsyncConnection;
use events::{Event, InvalidEvent, v1};
use messaging::{Delivery, Outcome};
use storage::inbox;
use uuid::Uuid;

use crate::state::AppState;
use crate::use_cases::retire_link;

/// Why an event could not be worked on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsumeError {
    /// A statement failed.
    #[error("store what follows from an event")]
    Query(#[from] diesel::result::Error),
}

/// Retires the link of a cancelled reservation; it is still asked about for a while.
pub(crate) async fn reservation_cancelled(
    state: &AppState,
    delivery: Delivery<v1::ReservationCancelled>,
) -> Outcome {
    let id = delivery.event.reservation.clone().unwrap_or_default().id();
    ended(state, &delivery, id).await
}

/// Retires the link of an expired hold; it is still asked about for a while.
pub(crate) async fn reservation_expired(
    state: &AppState,
    delivery: Delivery<v1::ReservationExpired>,
) -> Outcome {
    let id = delivery.event.reservation.clone().unwrap_or_default().id();
    ended(state, &delivery, id).await
}

async fn ended<E: Event>(
    state: &AppState,
    delivery: &Delivery<E>,
    id: Result<Uuid, InvalidEvent>,
) -> Outcome {
    let id = match id {
        Ok(id) => id,
        Err(error) => return Outcome::Reject(error.into()),
    };
    let now = state.clock.now();
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, now).await? {
                return Ok(retire_link::retire(conn, id, now).await?);
            }
            Ok::<_, ConsumeError>(None)
        })
        .await;
    drop(conn);
    match result {
        Ok(retired) => {
            retire_link::end_at_provider(state, retired).await;
            Outcome::Done
        }
        Err(error) => Outcome::Retry(error.into()),
    }
}
