//! `inbox_events`: which consumer has done which event, written in the transaction of its effect. Written by every
//! service.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::prepared::Prepared;
use crate::schema::inbox_events;

/// Whether `consumer` meets `event_id` for the first time; it is remembered with the caller's transaction.
///
/// # Errors
///
/// The store's failure.
pub async fn first_time(
    conn: &mut AsyncPgConnection,
    consumer: &str,
    event_id: Uuid,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let insert = diesel::insert_into(inbox_events::table)
        .values((
            inbox_events::consumer.eq(consumer),
            inbox_events::event_id.eq(event_id),
            inbox_events::processed_at.eq(now),
        ))
        .on_conflict_do_nothing();
    let inserted = Prepared(insert).execute(conn).await?;
    Ok(inserted == 1)
}

/// Forgets at most `limit` that were done before `before`, and tells how many.
///
/// # Errors
///
/// The store's failure.
pub async fn prune(conn: &mut AsyncPgConnection, before: OffsetDateTime, limit: i64) -> QueryResult<usize> {
    crate::prune::prune(conn, "inbox_events", "processed_at < $1", before, limit).await
}
