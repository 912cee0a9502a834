//! `messages`: what was said on WhatsApp in both directions; an outgoing message tells a fact, once. Written by the
//! service `concierge`.

mod booking;
mod outgoing;

pub use booking::{Booking, booking, confirmed_untold, reminder_untold};
pub use outgoing::{
    Backlog, Due, NewOutgoing, accepted, backlog, claim, defer, defer_recipient, fail, queue, refuse,
};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::outbox::new_id;
use crate::schema::messages;

/// A message of a guest's.
#[derive(Debug, Clone)]
pub struct NewIncoming<'a> {
    /// The message's id at Meta.
    pub wamid: &'a str,
    /// The conversation that it belongs to.
    pub conversation: Option<Uuid>,
    /// Which of our numbers it is for.
    pub recipient: &'a str,
    /// What it says.
    pub content: &'a Value,
    /// The trace in which it came.
    pub traceparent: Option<&'a str>,
}

/// Stores a guest's message; `false` if it was there before.
///
/// # Errors
///
/// The store's failure.
pub async fn store_incoming(
    conn: &mut AsyncPgConnection,
    message: &NewIncoming<'_>,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let stored = diesel::insert_into(messages::table)
        .values((
            messages::id.eq(new_id(now)),
            messages::conversation_id.eq(message.conversation),
            messages::direction.eq("in"),
            messages::fact.eq(message.wamid),
            messages::recipient.eq(message.recipient),
            messages::content.eq(message.content),
            messages::state.eq("received"),
            messages::wamid.eq(message.wamid),
            messages::traceparent.eq(message.traceparent),
            messages::created_at.eq(now),
            messages::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(stored == 1)
}

/// A message of ours that a status is about.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Tracked {
    /// Our id of it.
    pub id: Uuid,
    /// How far it has come.
    pub state: String,
    /// What it says.
    pub content: Value,
    /// Its id at Meta, if that is known.
    pub wamid: Option<String>,
    /// How often it has been sent.
    pub attempts: i32,
    /// To whom.
    pub recipient: String,
    /// The stay it is about.
    pub reservation_id: Option<Uuid>,
}

/// Locks the message of ours that has this id at Meta, or this id of ours, until the transaction ends.
///
/// # Errors
///
/// The store's failure.
pub async fn lock_tracked(
    conn: &mut AsyncPgConnection,
    wamid: &str,
    callback: Option<Uuid>,
) -> QueryResult<Option<Tracked>> {
    let columns = (
        messages::id,
        messages::state,
        messages::content,
        messages::wamid,
        messages::attempts,
        messages::recipient,
        messages::reservation_id,
    );
    let ours = messages::table.filter(messages::direction.eq("out"));
    let found = ours
        .filter(messages::wamid.eq(wamid))
        .for_update()
        .select(columns)
        .first(conn)
        .await
        .optional()?;
    match (found, callback) {
        (None, Some(id)) => {
            let by_callback = ours.filter(messages::id.eq(id)).for_update().select(columns);
            by_callback.first(conn).await.optional()
        }
        (found, _) => Ok(found),
    }
}

/// Moves a message to `state` by Meta's word about `wamid`; it is not sent again.
///
/// # Errors
///
/// The store's failure.
pub async fn set_state(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    state: &str,
    wamid: &str,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(messages::table.find(id))
        .set((
            messages::state.eq(state),
            messages::wamid.eq(sql("coalesce(wamid, ").bind::<Text, _>(wamid).sql(")")),
            messages::failure.eq(failure),
            messages::next_attempt_at.eq(None::<OffsetDateTime>),
            messages::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Queues a message once more for `until`, with another content, as if it had never been sent.
///
/// # Errors
///
/// The store's failure.
pub async fn requeue(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    content: &Value,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(messages::table.find(id))
        .set((
            messages::state.eq("queued"),
            messages::wamid.eq(None::<String>),
            messages::content.eq(content),
            messages::next_attempt_at.eq(until),
            messages::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// How far the message that tells `fact` has come: its state, how often it was sent, and why it failed.
///
/// # Errors
///
/// The store's failure.
pub async fn progress(
    conn: &mut AsyncPgConnection,
    fact: &str,
) -> QueryResult<Option<(String, i32, Option<String>)>> {
    messages::table
        .filter(messages::fact.eq(fact))
        .select((messages::state, messages::attempts, messages::failure))
        .first(conn)
        .await
        .optional()
}
