//! Making a delivery durable before it is answered: PostgreSQL, else RabbitMQ, else not at all.

use std::sync::Arc;

use messaging::topology::WEBHOOK_FALLBACK_QUEUE;
use messaging::{Message, publisher::PublishError};
use storage::Context;

use super::received::Received;
use crate::group::StoreError;
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
pub(crate) async fn keep(state: &AppState, received: Received) -> Result<Kept, NotKept> {
    let received = Arc::new(received);
    let source = received.delivery.source.as_str();
    let context = state.context();
    let storing = state.group.store(context.clone(), received.clone());
    let stored = tokio::time::timeout(state.store_timeout, storing).await;
    match stored.unwrap_or_else(|_elapsed| Err(StoreError::Slow.into())) {
        Ok(new) => {
            state.metrics.kept(source, "postgresql");
            if new {
                return Ok(Kept::New);
            }
            state.metrics.duplicate(source);
            Ok(Kept::Duplicate)
        }
        Err(cause) => {
            let cause = telemetry::trace::chain(&*cause);
            tracing::warn!(
                source,
                cause,
                "a delivery goes to RabbitMQ, PostgreSQL does not take it"
            );
            let parked = park(state, &context, &received).await;
            state
                .metrics
                .kept(source, if parked.is_ok() { "rabbitmq" } else { "nowhere" });
            parked.map(|()| Kept::Waiting)
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
