//! What happens to calendars when a stay ends. Held and confirmed stays need nothing: exports read the tables.

use std::sync::Arc;

use diesel::result::Error as DieselError;
use diesel_async::AsyncConnection;
use events::v1;
use messaging::{Broker, Clock, Consumers, Delivery, Outcome, RunningConsumers};
use storage::inbox;
use uuid::Uuid;

use crate::state::AppState;
use crate::use_cases::release_reason::release_reason;

pub(crate) fn start(
    broker: &Broker,
    clock: Clock,
    state: &Arc<AppState>,
) -> anyhow::Result<RunningConsumers> {
    let (cancelled, expired) = (state.clone(), state.clone());
    let running = Consumers::new(broker, clock)
        .on(move |delivery: Delivery<v1::ReservationCancelled>| {
            let (state, reservation) = (cancelled.clone(), delivery.event.reservation.clone());
            async move { ended(&state, &delivery.consumer, delivery.event_id, reservation).await }
        })
        .on(move |delivery: Delivery<v1::ReservationExpired>| {
            let (state, reservation) = (expired.clone(), delivery.event.reservation.clone());
            async move { ended(&state, &delivery.consumer, delivery.event_id, reservation).await }
        })
        .start()?;
    Ok(running)
}

/// A stay that ended takes its echoes and its conflicts with it.
async fn ended(
    state: &AppState,
    consumer: &str,
    event: Uuid,
    reservation: Option<v1::Reservation>,
) -> Outcome {
    let facts = reservation.unwrap_or_default();
    if let Err(error) = facts.id() {
        return Outcome::Reject(error.into());
    }
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let context = state.own_context();
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, consumer, event, context.now).await? {
                release_reason(conn, &context, facts.accommodation()).await?;
            }
            Ok::<_, DieselError>(())
        })
        .await;
    match result {
        Ok(()) => Outcome::Done,
        Err(error) if storage::error::is_unavailable(&error) => Outcome::Postpone(error.into()),
        Err(error) => Outcome::Retry(error.into()),
    }
}
