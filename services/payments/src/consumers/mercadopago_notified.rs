//! `webhook.mercadopago_notified.v1` → what it is about is read from the provider and recorded.

use diesel_async::AsyncConnection;
use events::v1;
use mercadopago::error::CallError;
use mercadopago::id::Id;
use mercadopago::payment::Payment;
use messaging::{Delivery, Outcome};
use storage::payments::FoundBy;
use storage::{inbox, webhook_deliveries};
use uuid::Uuid;

use super::reservation_ended::ConsumeError;
use crate::state::AppState;
use crate::use_cases::look::{Topic, look, payment_hint};
use crate::use_cases::record::{Recorded, record, tell};

/// How often a read is repeated by the retry queues, over some minutes, before the sweep of `webhooks` takes over.
const TRIES: u32 = 4;

/// The event names no delivery of ours.
#[derive(Debug, thiserror::Error)]
#[error("the event names no delivery")]
struct NoDelivery;

/// Looks, and records what it sees.
pub(crate) async fn mercadopago_notified(
    state: &AppState,
    delivery: Delivery<v1::WebhookMercadopagoNotified>,
) -> Outcome {
    let event = &delivery.event;
    let Ok(stored) = event.delivery_id.parse::<Uuid>() else {
        return Outcome::Reject(NoDelivery.into());
    };
    let (Some(topic), Ok(resource)) = (Topic::named(&event.topic), event.resource_id.parse::<Id>()) else {
        return mark(state, stored, "ignored").await;
    };
    let Ok(provider) = state.provider() else {
        // The sweep announces the delivery again until there is somebody to ask.
        tracing::warn!(delivery.id = %stored, "a notification waits: payments are not configured");
        return Outcome::Done;
    };
    let hint = match hint(state, topic, stored).await {
        Ok(hint) => hint,
        Err(outcome) => return outcome,
    };
    match look(provider, &state.metrics, topic, &resource, hint).await {
        Ok(payments) => take(state, &delivery, stored, &payments).await,
        Err(error) => unread(state, &delivery, stored, error).await,
    }
}

async fn hint(state: &AppState, topic: Topic, stored: Uuid) -> Result<Option<Id>, Outcome> {
    if matches!(topic, Topic::Payment | Topic::MerchantOrder) {
        return Ok(None);
    }
    let mut conn = state
        .database
        .get()
        .await
        .map_err(|error| Outcome::Postpone(error.into()))?;
    payment_hint(&mut conn, stored)
        .await
        .map_err(|error| Outcome::Retry(error.into()))
}

/// Records the readings, the inbox and the delivery's outcome in one transaction.
async fn take(
    state: &AppState,
    delivery: &Delivery<v1::WebhookMercadopagoNotified>,
    stored: Uuid,
    payments: &[Payment],
) -> Outcome {
    let context = state.context();
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if !inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await? {
                return Ok(Vec::new());
            }
            let mut recorded = Vec::new();
            for payment in payments {
                let collector = state.collector.as_deref();
                recorded.push(record(conn, &context, collector, FoundBy::Webhook, payment).await?);
            }
            webhook_deliveries::mark_processed(conn, stored, outcome(&recorded), context.now).await?;
            Ok::<_, ConsumeError>(recorded)
        })
        .await;
    match result {
        Ok(recorded) => {
            for (payment, recorded) in payments.iter().zip(&recorded) {
                tell(&state.metrics, FoundBy::Webhook, payment.id.as_str(), recorded);
            }
            Outcome::Done
        }
        Err(error) => Outcome::Retry(error.into()),
    }
}

fn outcome(recorded: &[Recorded]) -> &'static str {
    if recorded.iter().any(|one| matches!(one, Recorded::Parked { .. })) {
        "parked"
    } else if recorded
        .iter()
        .any(|one| matches!(one, Recorded::Advanced { .. }))
    {
        "recorded"
    } else {
        "nothing_new"
    }
}

/// The provider did not give what was asked for.
async fn unread(
    state: &AppState,
    delivery: &Delivery<v1::WebhookMercadopagoNotified>,
    stored: Uuid,
    error: CallError,
) -> Outcome {
    let word = match &error {
        CallError::NotFound => "not_found",
        CallError::Refused(_) | CallError::Request(_) | CallError::Conflict(_) => "refused",
        CallError::Malformed(_) => "malformed",
        // The provider is away, or does not let us in: the notification keeps, whatever it takes.
        CallError::Unauthorized(_)
        | CallError::Locked(_)
        | CallError::RateLimited { .. }
        | CallError::Unavailable(_)
        | CallError::CircuitOpen => {
            let cause = telemetry::trace::chain(&error);
            if matches!(error, CallError::Unauthorized(_)) {
                tracing::error!(cause, "the provider does not let us read payments");
            }
            return if delivery.attempt < TRIES {
                Outcome::Retry(error.into())
            } else {
                tracing::warn!(delivery.id = %stored, cause, "a notification waits for the provider");
                Outcome::Done
            };
        }
    };
    // Anybody can send a hint; what does not exist is no matter for a person.
    if !delivery.event.authentic && matches!(error, CallError::NotFound) {
        return mark(state, stored, word).await;
    }
    if delivery.attempt < TRIES && word != "refused" {
        return Outcome::Retry(error.into());
    }
    match mark(state, stored, word).await {
        Outcome::Done => Outcome::Reject(error.into()),
        other => other,
    }
}

async fn mark(state: &AppState, stored: Uuid, outcome: &str) -> Outcome {
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    match webhook_deliveries::mark_processed(&mut conn, stored, outcome, state.clock.now()).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Retry(error.into()),
    }
}
