//! `reservation_timeline`: what happened to a reservation, only ever added to. Written by `reservations`; any service
//! may add what it did to a reservation.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::context::Context;
use crate::prepared::{Insert, together};
use crate::schema::reservation_timeline;

/// Something that happened to a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = reservation_timeline)]
pub struct Entry {
    /// When.
    pub at: OffsetDateTime,
    /// What, in snake case: `held`, `confirmed`, …
    pub kind: String,
    /// Who: `guest`, `staff:<e-mail>` or `system:<service>`.
    pub actor: String,
    /// The trace in which it happened.
    pub trace_id: Option<String>,
    /// What else is known; never a name, phone or e-mail address of a guest.
    pub detail: Value,
}

/// Adds what happened; `kind` in snake case, `detail` an object without personal data.
///
/// # Errors
///
/// The store's failure.
pub async fn append(
    conn: &AsyncPgConnection,
    context: &Context,
    reservation: Uuid,
    kind: &str,
    detail: Value,
) -> QueryResult<()> {
    together(conn, vec![entry(context, reservation, kind, detail)]).await
}

/// The row that [`append`] adds.
#[must_use]
pub fn entry<'a>(context: &'a Context, reservation: Uuid, kind: &'a str, detail: Value) -> Insert<'a> {
    Insert::new(diesel::insert_into(reservation_timeline::table).values((
        reservation_timeline::reservation_id.eq(reservation),
        reservation_timeline::at.eq(context.now),
        reservation_timeline::kind.eq(kind),
        reservation_timeline::actor.eq(context.actor.to_string()),
        reservation_timeline::trace_id.eq(context.trace_id()),
        reservation_timeline::detail.eq(detail),
    )))
}

/// What is known about the last time that `kind` happened to a reservation.
///
/// # Errors
///
/// The store's failure.
pub async fn last_detail(
    mut conn: &AsyncPgConnection,
    reservation: Uuid,
    kind: &str,
) -> QueryResult<Option<Value>> {
    reservation_timeline::table
        .filter(reservation_timeline::reservation_id.eq(reservation))
        .filter(reservation_timeline::kind.eq(kind))
        .order(reservation_timeline::id.desc())
        .select(reservation_timeline::detail)
        .first(&mut conn)
        .await
        .optional()
}

/// Everything that happened to a reservation, oldest first, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn of(mut conn: &AsyncPgConnection, reservation: Uuid, limit: i64) -> QueryResult<Vec<Entry>> {
    reservation_timeline::table
        .filter(reservation_timeline::reservation_id.eq(reservation))
        .order(reservation_timeline::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(&mut conn)
        .await
}
