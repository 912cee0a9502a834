//! Making a delivery durable before it is answered: PostgreSQL, else RabbitMQ, else not at all.

use diesel_async::AsyncPgConnection;
use messaging::topology::WEBHOOK_FALLBACK_QUEUE;
use messaging::{Message, publisher::PublishError};
use storage::webhook_deliveries::{self, Source};
use storage::{Context, DatabaseUnavailable};

use super::received::{Received, mercadopago_notified, whatsapp_received};
use crate::state::AppState;

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Stored and announced.
    New,
    /// It had been stored before.
    Duplicate,
    /// In RabbitMQ, until PostgreSQL is back.
    Waiting,
}

/// PostgreSQL could not store it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// No answer in time; it may be stored all the same.
    #[error("PostgreSQL did not answer in time")]
    Slow,
    /// The statement failed.
    #[error("insert into webhook_deliveries")]
    Query(#[from] diesel::result::Error),
}

/// It is nowhere, so the provider must send it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    /// The broker did not take it either.
    #[error("neither PostgreSQL nor RabbitMQ takes the delivery")]
    Nowhere(#[source] PublishError),
    /// Its envelope cannot be written.
    #[error("the delivery's envelope cannot be written")]
    Envelope(#[source] serde_json::Error),
}

/// Keeps a delivery; only then may it be answered 200.
pub(crate) async fn keep(state: &AppState, received: &Received) -> Result<Kept, NotKept> {
    let source = received.delivery.source.as_str();
    let context = state.context();
    match store_in_time(state, &context, received).await {
        Ok(new) => {
            state.metrics.kept(source, "postgresql");
            if new {
                return Ok(Kept::New);
            }
            state.metrics.duplicate(source);
            Ok(Kept::Duplicate)
        }
        Err(cause) => {
            let cause = telemetry::trace::chain(&cause);
            tracing::warn!(
                source,
                cause,
                "a delivery goes to RabbitMQ, PostgreSQL does not take it"
            );
            let parked = park(state, &context, received).await;
            state
                .metrics
                .kept(source, if parked.is_ok() { "rabbitmq" } else { "nowhere" });
            parked.map(|()| Kept::Waiting)
        }
    }
}

/// One statement outside a transaction, so that giving up on it leaves nothing open.
async fn store_in_time(state: &AppState, context: &Context, received: &Received) -> Result<bool, StoreError> {
    let storing = async {
        let mut conn = state.database.get().await?;
        store(&mut conn, context, received)
            .await
            .map_err(StoreError::Query)
    };
    tokio::time::timeout(state.store_timeout, storing)
        .await
        .unwrap_or(Err(StoreError::Slow))
}

/// Stores a delivery with its event; `false` if it was there before.
pub(crate) async fn store(
    conn: &mut AsyncPgConnection,
    context: &Context,
    received: &Received,
) -> diesel::QueryResult<bool> {
    let delivery = &received.delivery;
    if let Some(idle) = received.idle {
        return webhook_deliveries::store_without_event(conn, context, delivery, idle).await;
    }
    match delivery.source {
        Source::Whatsapp => {
            webhook_deliveries::store(conn, context, delivery, &whatsapp_received(delivery.id)).await
        }
        Source::Mercadopago => {
            let (topic, resource) = (delivery.topic.as_deref(), delivery.resource_id.as_deref());
            let event = mercadopago_notified(delivery.id, delivery.verdict, topic, resource);
            webhook_deliveries::store(conn, context, delivery, &event).await
        }
    }
}

async fn park(state: &AppState, context: &Context, received: &Received) -> Result<(), NotKept> {
    let sealed = received.seal().map_err(NotKept::Envelope)?;
    let message = Message::to_queue(WEBHOOK_FALLBACK_QUEUE, received.delivery.id, sealed);
    let message = message.with_content_type("application/octet-stream");
    let message = match &context.traceparent {
        Some(traceparent) => message.with_header("traceparent", traceparent),
        None => message,
    };
    state.fallback.publish(&message).await.map_err(NotKept::Nowhere)
}
