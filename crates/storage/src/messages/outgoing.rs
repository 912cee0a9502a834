//! The queue of what is to be sent. A row is claimed with a lease; whoever claimed it calls Meta outside of any
//! transaction and writes what came of it, unless a status was faster.

use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::schema::messages;

/// A fact to tell somebody.
#[derive(Debug, Clone)]
pub struct NewOutgoing<'a> {
    /// Our id of the message; Meta's statuses bring it back.
    pub id: Uuid,
    /// What it tells, once.
    pub fact: &'a str,
    /// The WhatsApp id it goes to.
    pub recipient: &'a str,
    /// What it says.
    pub content: &'a Value,
    /// The stay it is about.
    pub reservation: Uuid,
    /// What people call the stay.
    pub correlation_id: &'a str,
    /// The trace in which the fact came about.
    pub traceparent: Option<&'a str>,
}

/// A message that is to be sent now.
#[derive(Debug, Clone)]
pub struct Due {
    /// Our id of it.
    pub id: Uuid,
    /// To whom.
    pub recipient: String,
    /// What it says.
    pub content: Value,
    /// How often it has been sent, this time included.
    pub attempts: i32,
    /// The stay it is about.
    pub reservation_id: Option<Uuid>,
    /// What people call the stay.
    pub correlation_id: Option<String>,
    /// The trace to carry on.
    pub traceparent: Option<String>,
    /// When it was queued.
    pub created_at: OffsetDateTime,
    /// Whether an earlier sending may have gone out: its sender died, or got no answer.
    pub may_have_been_sent: bool,
}

type DueRow = (
    Uuid,
    String,
    Value,
    i32,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    OffsetDateTime,
);

/// How much waits to be sent, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Backlog {
    /// How many messages.
    pub count: i64,
    /// When the oldest of them was queued.
    pub oldest: Option<OffsetDateTime>,
}

/// The rows of the index `messages_to_send`.
const TO_SEND: &str = "(messages.direction = 'out' AND messages.state IN ('queued', 'sending', 'unknown'))";

/// Queues `message`, due at once; `false` if its fact is told already.
///
/// # Errors
///
/// The store's failure.
pub async fn queue(
    conn: &mut AsyncPgConnection,
    message: &NewOutgoing<'_>,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    insert(conn, message, ("queued", Some(now), None), now).await
}

/// Notes that the fact of `message` is not told, for `cause`; `false` if it was noted or told already.
///
/// # Errors
///
/// The store's failure.
pub async fn refuse(
    conn: &mut AsyncPgConnection,
    message: &NewOutgoing<'_>,
    cause: &str,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    insert(conn, message, ("failed", None, Some(cause)), now).await
}

/// Stores `message` unless its fact is there.
async fn insert(
    conn: &mut AsyncPgConnection,
    message: &NewOutgoing<'_>,
    (state, next_attempt_at, failure): (&str, Option<OffsetDateTime>, Option<&str>),
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(messages::table)
        .values((
            messages::id.eq(message.id),
            messages::direction.eq("out"),
            messages::fact.eq(message.fact),
            messages::recipient.eq(message.recipient),
            messages::content.eq(message.content),
            messages::state.eq(state),
            messages::next_attempt_at.eq(next_attempt_at),
            messages::failure.eq(failure),
            messages::reservation_id.eq(message.reservation),
            messages::correlation_id.eq(message.correlation_id),
            messages::traceparent.eq(message.traceparent),
            messages::created_at.eq(now),
            messages::updated_at.eq(now),
        ))
        .on_conflict(messages::fact)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Takes up to `limit` due messages until `lease_ends`; other senders skip them. Call it in a transaction.
///
/// A message whose lease ended without a word (its sender died) or that is `unknown` is due again: by then a status
/// would have proved it sent.
///
/// # Errors
///
/// The store's failure.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    lease_ends: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    let found: Vec<(Uuid, String)> = messages::table
        .filter(sql::<Bool>(TO_SEND))
        .filter(messages::next_attempt_at.le(now))
        .order(messages::next_attempt_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select((messages::id, messages::state))
        .load(conn)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids = found.iter().map(|(id, _)| *id);
    let claimed: Vec<DueRow> = diesel::update(messages::table.filter(messages::id.eq_any(ids)))
        .set((
            messages::state.eq("sending"),
            messages::attempts.eq(messages::attempts + 1),
            messages::next_attempt_at.eq(lease_ends),
            messages::updated_at.eq(now),
        ))
        .returning((
            messages::id,
            messages::recipient,
            messages::content,
            messages::attempts,
            messages::reservation_id,
            messages::correlation_id,
            messages::traceparent,
            messages::created_at,
        ))
        .get_results(conn)
        .await?;
    let unsure = |id| {
        found
            .iter()
            .any(|(other, state)| *other == id && state != "queued")
    };
    Ok(claimed.into_iter().map(|row| decode(row, unsure)).collect())
}

fn decode(row: DueRow, may_have_been_sent: impl Fn(Uuid) -> bool) -> Due {
    let (id, recipient, content, attempts, reservation_id, correlation_id, traceparent, created_at) = row;
    Due {
        id,
        recipient,
        content,
        attempts,
        reservation_id,
        correlation_id,
        traceparent,
        created_at,
        may_have_been_sent: may_have_been_sent(id),
    }
}

/// Notes that Meta took the message as `wamid`, for the WhatsApp id that it reached; a status that was faster keeps
/// its state.
///
/// # Errors
///
/// The store's failure.
pub async fn accepted(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    wamid: &str,
    reached: Option<&str>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(messages::table.find(id))
        .set((
            messages::recipient.eq(sql("coalesce(")
                .bind::<Nullable<Text>, _>(reached)
                .sql(", recipient)")),
            messages::wamid.eq(sql("coalesce(wamid, ").bind::<Text, _>(wamid).sql(")")),
            messages::state.eq(sql(
                "CASE WHEN state IN ('queued', 'sending', 'unknown') THEN 'accepted' ELSE state END",
            )),
            messages::next_attempt_at.eq(None::<OffsetDateTime>),
            messages::failure.eq(sql("CASE WHEN state = 'failed' THEN failure END")),
            messages::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a claimed message off until `until`, as `queued` or `unknown`, for `cause`; a status that was faster stands.
///
/// # Errors
///
/// The store's failure.
pub async fn defer(
    conn: &mut AsyncPgConnection,
    claimed: &Due,
    state: &str,
    cause: &str,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(messages::table.find(claimed.id))
        .filter(messages::state.eq("sending"))
        .filter(messages::attempts.eq(claimed.attempts))
        .set((
            messages::state.eq(state),
            messages::content.eq(&claimed.content),
            messages::failure.eq(cause),
            messages::next_attempt_at.eq(until),
            messages::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts everything that waits for `recipient` off until `until`.
///
/// # Errors
///
/// The store's failure.
pub async fn defer_recipient(
    conn: &mut AsyncPgConnection,
    recipient: &str,
    until: OffsetDateTime,
) -> QueryResult<usize> {
    diesel::update(messages::table)
        .filter(sql::<Bool>("direction = 'out' AND state = 'queued'"))
        .filter(messages::recipient.eq(recipient))
        .filter(messages::next_attempt_at.lt(until))
        .set(messages::next_attempt_at.eq(until))
        .execute(conn)
        .await
}

/// Gives a claimed message up for `cause`; `false` if a status was faster, which stands.
///
/// # Errors
///
/// The store's failure.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    claimed: &Due,
    cause: &str,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let failed = diesel::update(messages::table.find(claimed.id))
        .filter(messages::state.eq("sending"))
        .filter(messages::attempts.eq(claimed.attempts))
        .set((
            messages::state.eq("failed"),
            messages::failure.eq(cause),
            messages::next_attempt_at.eq(None::<OffsetDateTime>),
            messages::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(failed == 1)
}

/// How much waits to be sent.
///
/// # Errors
///
/// The store's failure.
pub async fn backlog(conn: &mut AsyncPgConnection) -> QueryResult<Backlog> {
    messages::table
        .filter(sql::<Bool>(TO_SEND))
        .select((count_star(), min(messages::created_at)))
        .first(conn)
        .await
}
