//! `outbox_events`: facts to announce, written in the transaction that makes them true. Written by every service.
//!
//! The relay (in `messaging`) publishes them and marks them only when the broker has confirmed.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use events::Event;
use time::OffsetDateTime;
use uuid::{NoContext, Timestamp, Uuid};

use crate::context::Context;
use crate::prepared::{Insert, Prepared, together};
use crate::schema::outbox_events;

/// An event that waits to be published.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox_events)]
pub struct OutboxEvent {
    /// `UUIDv7`; AMQP's `message_id`, and what consumers' inboxes remember.
    pub id: Uuid,
    /// The event's name and routing key.
    pub name: String,
    /// The encoded message.
    pub payload: Vec<u8>,
    /// What the event is about.
    pub correlation_id: String,
    /// The trace in which it happened.
    pub traceparent: Option<String>,
    /// When it happened.
    pub created_at: OffsetDateTime,
}

/// How much waits, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// How many events wait.
    pub count: i64,
    /// When the oldest of them happened.
    pub oldest: Option<OffsetDateTime>,
}

/// A `UUIDv7` of the instant `now`: ids sort by the time they were made.
#[must_use]
pub fn new_id(now: OffsetDateTime) -> Uuid {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
}

/// Adds `event` to what will be announced, and gives its id. Call it in the transaction of the effect.
///
/// # Errors
///
/// The store's failure.
pub async fn append<E: Event>(conn: &AsyncPgConnection, context: &Context, event: &E) -> QueryResult<Uuid> {
    let id = new_id(context.now);
    together(conn, vec![announcement(context, event, id)]).await?;
    Ok(id)
}

/// The row that [`append`] adds, its id made by [`new_id`].
pub fn announcement<'a, E: Event>(context: &'a Context, event: &E, id: Uuid) -> Insert<'a> {
    Insert::new(diesel::insert_into(outbox_events::table).values((
        outbox_events::id.eq(id),
        outbox_events::name.eq(E::NAME),
        outbox_events::payload.eq(event.encode_to_vec()),
        outbox_events::correlation_id.eq(event.correlation_id()),
        outbox_events::traceparent.eq(context.traceparent.as_deref()),
        outbox_events::created_at.eq(context.now),
    )))
}

/// [`append`] for many events of a kind, in one statement.
///
/// # Errors
///
/// The store's failure.
pub async fn append_all<E: Event>(
    conn: &mut AsyncPgConnection,
    context: &Context,
    events: &[E],
) -> QueryResult<()> {
    // A statement takes at most 65,535 parameters.
    for part in events.chunks(5_000) {
        let rows: Vec<_> = part
            .iter()
            .map(|event| {
                (
                    outbox_events::id.eq(new_id(context.now)),
                    outbox_events::name.eq(E::NAME),
                    outbox_events::payload.eq(event.encode_to_vec()),
                    outbox_events::correlation_id.eq(event.correlation_id()),
                    outbox_events::traceparent.eq(context.traceparent.as_deref()),
                    outbox_events::created_at.eq(context.now),
                )
            })
            .collect();
        diesel::insert_into(outbox_events::table)
            .values(rows)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Takes up to `limit` waiting events, oldest first, for the caller's transaction; other relays skip them.
///
/// # Errors
///
/// The store's failure.
pub async fn claim_batch(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<OutboxEvent>> {
    outbox_events::table
        .filter(outbox_events::published_at.is_null())
        .order((outbox_events::created_at, outbox_events::id))
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(OutboxEvent::as_select())
        .load(conn)
        .await
}

/// Marks events as announced: the broker has confirmed them.
///
/// # Errors
///
/// The store's failure.
pub async fn mark_published(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
    now: OffsetDateTime,
) -> QueryResult<usize> {
    let update = diesel::update(outbox_events::table.filter(outbox_events::id.eq_any(ids)))
        .set(outbox_events::published_at.eq(now));
    Prepared(update).execute(conn).await
}

/// How much waits to be announced.
///
/// # Errors
///
/// The store's failure.
pub async fn pending(conn: &mut AsyncPgConnection) -> QueryResult<Pending> {
    let (count, oldest) = outbox_events::table
        .filter(outbox_events::published_at.is_null())
        .select((
            diesel::dsl::count_star(),
            diesel::dsl::min(outbox_events::created_at),
        ))
        .first(conn)
        .await?;
    Ok(Pending { count, oldest })
}

/// The names of the waiting events, oldest first, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn pending_names(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<String>> {
    outbox_events::table
        .filter(outbox_events::published_at.is_null())
        .order((outbox_events::created_at, outbox_events::id))
        .limit(limit)
        .select(outbox_events::name)
        .load(conn)
        .await
}

/// Everything announced about `correlation_id`, oldest first, at most `limit`: `(id, name, created, published)`.
///
/// # Errors
///
/// The store's failure.
pub async fn about(
    conn: &mut AsyncPgConnection,
    correlation_id: &str,
    limit: i64,
) -> QueryResult<Vec<(Uuid, String, OffsetDateTime, Option<OffsetDateTime>)>> {
    outbox_events::table
        .filter(outbox_events::correlation_id.eq(correlation_id))
        .order((outbox_events::created_at, outbox_events::id))
        .limit(limit)
        .select((
            outbox_events::id,
            outbox_events::name,
            outbox_events::created_at,
            outbox_events::published_at,
        ))
        .load(conn)
        .await
}

/// Forgets at most `limit` events announced before `before`, and tells how many.
///
/// # Errors
///
/// The store's failure.
pub async fn prune(conn: &mut AsyncPgConnection, before: OffsetDateTime, limit: i64) -> QueryResult<usize> {
    let old = outbox_events::table
        .filter(outbox_events::published_at.lt(before))
        .limit(limit)
        .select(outbox_events::id);
    let ids: Vec<Uuid> = old.load(conn).await?;
    diesel::delete(outbox_events::table.filter(outbox_events::id.eq_any(ids)))
        .execute(conn)
        .await
}
