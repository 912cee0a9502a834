//! Storing a delivery and its event: one statement, one round trip.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use events::Event;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Source, Verdict};
use crate::context::Context;
use crate::outbox;
use crate::schema::webhook_deliveries;

/// A delivery as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// `UUIDv7`, made by the caller.
    pub id: Uuid,
    /// Who sent it.
    pub source: Source,
    /// The same for two deliveries that are one; unique within the source.
    pub dedupe_key: String,
    /// The raw query string.
    pub query: String,
    /// The headers worth keeping: an object of strings, without secrets.
    pub headers: serde_json::Value,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// What it is worth.
    pub verdict: Verdict,
    /// What it is about.
    pub topic: Option<String>,
    /// The resource it is about.
    pub resource_id: Option<String>,
    /// When it came.
    pub received_at: OffsetDateTime,
}

/// Stores `delivery` and announces it by `event`, both or neither; `false` if it was there before.
///
/// # Errors
///
/// The store's failure.
pub async fn store<E: Event>(
    conn: &mut AsyncPgConnection,
    context: &Context,
    delivery: &NewDelivery,
    event: &E,
) -> QueryResult<bool> {
    let statement = Store {
        delivery,
        source: delivery.source.as_str(),
        verdict: delivery.verdict.as_str(),
        trace_id: context.trace_id(),
        event_id: outbox::new_id(context.now),
        event_name: E::NAME,
        payload: event.encode_to_vec(),
        correlation_id: event.correlation_id(),
        traceparent: context.traceparent.as_deref(),
        now: context.now,
    };
    Ok(statement.execute(conn).await? == 1)
}

/// Stores `delivery`, on which nobody works, with the outcome that says why; `false` if it was there before.
///
/// # Errors
///
/// The store's failure.
pub async fn store_without_event(
    conn: &mut AsyncPgConnection,
    context: &Context,
    delivery: &NewDelivery,
    outcome: &str,
) -> QueryResult<bool> {
    let stored = diesel::insert_into(webhook_deliveries::table)
        .values((
            webhook_deliveries::id.eq(delivery.id),
            webhook_deliveries::source.eq(delivery.source.as_str()),
            webhook_deliveries::dedupe_key.eq(&delivery.dedupe_key),
            webhook_deliveries::query.eq(&delivery.query),
            webhook_deliveries::headers.eq(&delivery.headers),
            webhook_deliveries::body.eq(&delivery.body),
            webhook_deliveries::verdict.eq(delivery.verdict.as_str()),
            webhook_deliveries::topic.eq(delivery.topic.as_deref()),
            webhook_deliveries::resource_id.eq(delivery.resource_id.as_deref()),
            webhook_deliveries::trace_id.eq(context.trace_id()),
            webhook_deliveries::received_at.eq(delivery.received_at),
            webhook_deliveries::processed_at.eq(context.now),
            webhook_deliveries::outcome.eq(outcome),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(stored == 1)
}

/// One statement instead of a transaction of two: a provider waits for it.
///
/// Diesel's own dialect has no insert in a CTE, and its `sql_query` is prepared anew each time; this fragment is
/// prepared once a connection.
struct Store<'a> {
    delivery: &'a NewDelivery,
    source: &'static str,
    verdict: &'static str,
    trace_id: Option<&'a str>,
    event_id: Uuid,
    event_name: &'static str,
    payload: Vec<u8>,
    correlation_id: String,
    traceparent: Option<&'a str>,
    now: OffsetDateTime,
}

impl QueryId for Store<'_> {
    type QueryId = Store<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Store<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let delivery = self.delivery;
        out.push_sql(
            "WITH stored AS (INSERT INTO webhook_deliveries (id, source, dedupe_key, query, headers, body, verdict, \
             topic, resource_id, trace_id, received_at) VALUES (",
        );
        out.push_bind_param::<sql_types::Uuid, _>(&delivery.id)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&self.source)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&delivery.dedupe_key)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&delivery.query)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Jsonb, _>(&delivery.headers)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Binary, _>(&delivery.body)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&self.verdict)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Nullable<sql_types::Text>, _>(&delivery.topic)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Nullable<sql_types::Text>, _>(&delivery.resource_id)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Nullable<sql_types::Text>, _>(&self.trace_id)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Timestamptz, _>(&delivery.received_at)?;
        out.push_sql(
            ") ON CONFLICT DO NOTHING RETURNING id) INSERT INTO outbox_events (id, name, payload, correlation_id, \
             traceparent, created_at) SELECT ",
        );
        out.push_bind_param::<sql_types::Uuid, _>(&self.event_id)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&self.event_name)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Binary, _>(&self.payload)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Text, _>(&self.correlation_id)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Nullable<sql_types::Text>, _>(&self.traceparent)?;
        out.push_sql(", ");
        out.push_bind_param::<sql_types::Timestamptz, _>(&self.now)?;
        out.push_sql(" FROM stored");
        Ok(())
    }
}
