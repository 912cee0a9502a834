//! Announcing a stored delivery once more.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use storage::webhook_deliveries::{DeliverySummary, Source};
use storage::{Context, outbox};
use uuid::Uuid;

use super::received::{mercadopago_notified, whatsapp_received};

/// Adds the event of a stored delivery to what will be announced, under a new id.
pub(crate) async fn announce(
    conn: &mut AsyncPgConnection,
    context: &Context,
    delivery: &DeliverySummary,
) -> QueryResult<Uuid> {
    match delivery.source {
        Source::Whatsapp => outbox::append(conn, context, &whatsapp_received(delivery.id)).await,
        Source::Mercadopago => {
            let (topic, resource) = (delivery.topic.as_deref(), delivery.resource_id.as_deref());
            let event = mercadopago_notified(delivery.id, delivery.verdict, topic, resource);
            outbox::append(conn, context, &event).await
        }
    }
}
