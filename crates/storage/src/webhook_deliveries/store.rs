//! Storing deliveries and their events: one statement, one round trip, however many they are.

use std::collections::HashSet;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Binary, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use events::Event;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Source, Verdict};
use crate::context::Context;
use crate::outbox;

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

/// What is stored with a delivery.
#[derive(Debug, Clone)]
pub enum Sequel {
    /// It is announced.
    Announced {
        /// The event's name.
        name: &'static str,
        /// The encoded message.
        payload: Vec<u8>,
        /// What the event is about.
        correlation_id: String,
    },
    /// Nobody works on it; the outcome says why.
    Idle(&'static str),
}

impl Sequel {
    /// It is announced by `event`.
    #[must_use]
    pub fn announced<E: Event>(event: &E) -> Self {
        Self::Announced {
            name: E::NAME,
            payload: event.encode_to_vec(),
            correlation_id: event.correlation_id(),
        }
    }
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
    let new = store_all(conn, &[(context, delivery, Sequel::announced(event))]).await?;
    Ok(!new.is_empty())
}

/// Stores deliveries, each with its sequel, all or none, and gives the ids of those that were not there before.
///
/// # Errors
///
/// The store's failure.
pub async fn store_all(
    conn: &mut AsyncPgConnection,
    entries: &[(&Context, &NewDelivery, Sequel)],
) -> QueryResult<HashSet<Uuid>> {
    let new: Vec<Uuid> = Store::new(entries).load(conn).await?;
    Ok(new.into_iter().collect())
}

/// The columns of one statement instead of a transaction of two for each delivery: a provider waits for it.
///
/// Diesel's own dialect has no insert in a CTE, and its `sql_query` is prepared anew each time; this fragment is
/// prepared once a connection, since arrays make its text the same for any number of rows.
#[derive(Default)]
struct Store<'a> {
    ids: Vec<Uuid>,
    sources: Vec<&'static str>,
    dedupe_keys: Vec<&'a str>,
    queries: Vec<&'a str>,
    headers: Vec<&'a serde_json::Value>,
    bodies: Vec<&'a [u8]>,
    verdicts: Vec<&'static str>,
    topics: Vec<Option<&'a str>>,
    resources: Vec<Option<&'a str>>,
    traces: Vec<Option<&'a str>>,
    received_at: Vec<OffsetDateTime>,
    processed_at: Vec<Option<OffsetDateTime>>,
    outcomes: Vec<Option<&'static str>>,
    events: Events<'a>,
}

#[derive(Default)]
struct Events<'a> {
    deliveries: Vec<Uuid>,
    ids: Vec<Uuid>,
    names: Vec<&'static str>,
    payloads: Vec<&'a [u8]>,
    correlation_ids: Vec<&'a str>,
    traceparents: Vec<Option<&'a str>>,
    created_at: Vec<OffsetDateTime>,
}

impl<'a> Store<'a> {
    fn new(entries: &'a [(&'a Context, &'a NewDelivery, Sequel)]) -> Self {
        let mut entries: Vec<_> = entries.iter().collect();
        // Two statements that meet the same keys meet them in the same order, so that neither waits for the other.
        entries.sort_unstable_by_key(|(_, delivery, _)| (delivery.source.as_str(), &delivery.dedupe_key));
        let mut store = Self::default();
        for (context, delivery, sequel) in entries {
            store.add(context, delivery, sequel);
        }
        store
    }

    fn add(&mut self, context: &'a Context, delivery: &'a NewDelivery, sequel: &'a Sequel) {
        self.ids.push(delivery.id);
        self.sources.push(delivery.source.as_str());
        self.dedupe_keys.push(&delivery.dedupe_key);
        self.queries.push(&delivery.query);
        self.headers.push(&delivery.headers);
        self.bodies.push(&delivery.body);
        self.verdicts.push(delivery.verdict.as_str());
        self.topics.push(delivery.topic.as_deref());
        self.resources.push(delivery.resource_id.as_deref());
        self.traces.push(context.trace_id());
        self.received_at.push(delivery.received_at);
        let outcome = match sequel {
            Sequel::Idle(outcome) => Some(*outcome),
            Sequel::Announced { .. } => None,
        };
        self.processed_at.push(outcome.map(|_| context.now));
        self.outcomes.push(outcome);
        if let Sequel::Announced {
            name,
            payload,
            correlation_id,
        } = sequel
        {
            let events = &mut self.events;
            events.deliveries.push(delivery.id);
            events.ids.push(outbox::new_id(context.now));
            events.names.push(name);
            events.payloads.push(payload);
            events.correlation_ids.push(correlation_id);
            events.traceparents.push(context.traceparent.as_deref());
            events.created_at.push(context.now);
        }
    }
}

impl QueryId for Store<'_> {
    type QueryId = Store<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Store<'_> {
    type SqlType = diesel::sql_types::Uuid;
}

impl QueryFragment<Pg> for Store<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "WITH stored AS (INSERT INTO webhook_deliveries (id, source, dedupe_key, query, headers, body, verdict, \
             topic, resource_id, trace_id, received_at, processed_at, outcome) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<diesel::sql_types::Uuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.sources)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.dedupe_keys)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.queries)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.headers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.bodies)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.verdicts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.topics)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.resources)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.traces)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.received_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Timestamptz>>, _>(&self.processed_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.outcomes)?;
        out.push_sql(
            ") ON CONFLICT DO NOTHING RETURNING id), announced AS (INSERT INTO outbox_events (id, name, payload, \
             correlation_id, traceparent, created_at) SELECT event.id, name, payload, correlation_id, traceparent, \
             created_at FROM unnest(",
        );
        let events = &self.events;
        out.push_bind_param::<Array<diesel::sql_types::Uuid>, _>(&events.deliveries)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<diesel::sql_types::Uuid>, _>(&events.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&events.names)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&events.payloads)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&events.correlation_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&events.traceparents)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&events.created_at)?;
        out.push_sql(
            ") AS event (delivery, id, name, payload, correlation_id, traceparent, created_at) JOIN stored ON stored.id \
             = event.delivery) SELECT id FROM stored",
        );
        Ok(())
    }
}
