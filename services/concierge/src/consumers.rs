//! What this service hears.

mod payment_link_ready;
mod payment_refunded;
mod payment_rejected;
mod reservation_confirmed;
mod reservation_ended;
mod whatsapp_received;

use std::sync::Arc;

use diesel_async::AsyncConnection;
use events::{Event, v1};
use messaging::consumer::SubscriptionError;
use messaging::{Broker, Clock, Consumers, Delivery, Outcome, RunningConsumers};
use storage::inbox;
use uuid::Uuid;

use crate::news::News;
use crate::state::AppState;
use crate::use_cases::tell::{TellError, Told, tell};

/// Starts a consumer for each event that is for guests.
///
/// The guest of a new hold hears of it with the link to pay; hosts hear of feeds elsewhere.
pub(crate) fn start(
    broker: &Broker,
    clock: Clock,
    state: &Arc<AppState>,
) -> Result<RunningConsumers, SubscriptionError> {
    let (confirmed, cancelled, expired) = (state.clone(), state.clone(), state.clone());
    let (link_ready, rejected, refunded) = (state.clone(), state.clone(), state.clone());
    let received = state.clone();
    Consumers::new(broker, clock)
        .on(move |delivery: Delivery<v1::ReservationConfirmed>| {
            let state = confirmed.clone();
            async move { reservation_confirmed::reservation_confirmed(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationCancelled>| {
            let state = cancelled.clone();
            async move { reservation_ended::reservation_cancelled(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationExpired>| {
            let state = expired.clone();
            async move { reservation_ended::reservation_expired(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::PaymentLinkReady>| {
            let state = link_ready.clone();
            async move { payment_link_ready::payment_link_ready(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::PaymentRejected>| {
            let state = rejected.clone();
            async move { payment_rejected::payment_rejected(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::PaymentRefunded>| {
            let state = refunded.clone();
            async move { payment_refunded::payment_refunded(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::WebhookWhatsappReceived>| {
            let state = received.clone();
            async move { whatsapp_received::whatsapp_received(&state, delivery).await }
        })
        .start()
}

/// Queues `news` about `reservation` together with the event's inbox row.
async fn tell_once<E: Event>(
    state: &AppState,
    delivery: &Delivery<E>,
    reservation: Uuid,
    news: &News,
) -> Outcome {
    let context = state.context();
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await? {
                tell(conn, &context, reservation, news).await
            } else {
                Ok(Told::Before)
            }
        })
        .await;
    match result {
        Ok(told) => {
            count(state, news, told);
            Outcome::Done
        }
        Err(TellError::Query(error)) => failed(error),
        Err(error @ (TellError::NoReservation | TellError::Letter(_))) => Outcome::Reject(error.into()),
    }
}

fn count(state: &AppState, news: &News, told: Told) {
    match told {
        Told::Queued => {
            state.metrics.queued(news.subject());
            state.due.nudge();
        }
        Told::NoPhone => state.metrics.failed(news.subject().as_str(), "no_phone"),
        Told::Before => {}
    }
}

/// A database that is away costs no try.
fn failed(error: diesel::result::Error) -> Outcome {
    if storage::error::is_unavailable(&error) {
        Outcome::Postpone(error.into())
    } else {
        Outcome::Retry(error.into())
    }
}
