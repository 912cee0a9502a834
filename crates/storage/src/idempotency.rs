//! `idempotency_keys`: answers to requests that may come again, written in the transaction of their effect. Written by
//! every service with an HTTP operation that needs it.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ring::digest;
use time::{Duration, OffsetDateTime};

use crate::prepared::{Insert, together};
use crate::schema::idempotency_keys;

/// How long an answer is kept. Source: the HTTP contract, section 2, at least 24 hours.
pub const LIFETIME: Duration = Duration::hours(24);

/// What a key is unique within: two callers may use the same one without seeing each other's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Who asks: the guest's contact, a member of staff, a service.
    pub caller: String,
    /// What is asked: `POST /reservations`.
    pub operation: &'static str,
    /// The `Idempotency-Key`, unquoted.
    pub key: String,
}

/// The answer to a request, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status, 200 to 599.
    pub status: u16,
    /// Headers worth repeating, such as `Location`: an object of strings.
    pub headers: serde_json::Value,
    /// The JSON body.
    pub body: serde_json::Value,
}

/// What a key says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has asked this: do the work, then [`store`] its answer in the same transaction.
    Fresh,
    /// It was asked and answered: repeat the answer.
    Answered(Answer),
    /// Another transaction is doing it right now.
    Running,
    /// The key belongs to another request.
    Reused,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Stored {
    fingerprint: Vec<u8>,
    status: i32,
    headers: serde_json::Value,
    body: serde_json::Value,
}

diesel::define_sql_function! {
    /// Takes the advisory lock `key` until the transaction ends, if nobody has it.
    fn pg_try_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Claims `scope` for the caller's transaction.
///
/// The claim is an advisory lock of the transaction: it ends with it, also when the process dies.
/// The stored answer is read by a second statement, since one statement sees the database as it was before its lock.
///
/// # Errors
///
/// The store's failure.
pub async fn claim(
    mut conn: &AsyncPgConnection,
    scope: &Scope,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> QueryResult<Claim> {
    let mine: bool = diesel::select(pg_try_advisory_xact_lock(lock_number(scope)))
        .get_result(&mut conn)
        .await?;
    if !mine {
        return Ok(Claim::Running);
    }
    let stored = idempotency_keys::table
        .find((&scope.caller, scope.operation, &scope.key))
        .filter(idempotency_keys::created_at.gt(now - LIFETIME))
        .select(Stored::as_select())
        .first(&mut conn)
        .await
        .optional()?;
    Ok(match stored {
        None => Claim::Fresh,
        Some(stored) if stored.fingerprint != fingerprint => Claim::Reused,
        Some(Stored {
            status,
            headers,
            body,
            ..
        }) => Claim::Answered(Answer {
            status: u16::try_from(status).unwrap_or(500),
            headers,
            body,
        }),
    })
}

/// Keeps `answer` for a claimed `scope`, in the transaction of the effect.
///
/// # Errors
///
/// The store's failure.
pub async fn store(
    conn: &AsyncPgConnection,
    scope: &Scope,
    fingerprint: &[u8],
    answer: &Answer,
    now: OffsetDateTime,
) -> QueryResult<()> {
    together(conn, vec![kept(scope, fingerprint, answer, now)]).await
}

/// The row that [`store`] keeps.
#[must_use]
pub fn kept<'a>(
    scope: &'a Scope,
    fingerprint: &'a [u8],
    answer: &'a Answer,
    now: OffsetDateTime,
) -> Insert<'a> {
    let values = (
        idempotency_keys::fingerprint.eq(fingerprint),
        idempotency_keys::status.eq(i32::from(answer.status)),
        idempotency_keys::headers.eq(&answer.headers),
        idempotency_keys::body.eq(&answer.body),
        idempotency_keys::created_at.eq(now),
    );
    let insert = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::caller.eq(&scope.caller),
            idempotency_keys::operation.eq(scope.operation),
            idempotency_keys::key.eq(&scope.key),
            values,
        ))
        .on_conflict((
            idempotency_keys::caller,
            idempotency_keys::operation,
            idempotency_keys::key,
        ))
        // Only an answer past its lifetime can be there: the claim saw no other.
        .do_update()
        .set(values);
    Insert::new(insert)
}

/// Forgets at most `limit` answers past their lifetime, and tells how many.
///
/// # Errors
///
/// The store's failure.
pub async fn prune(conn: &mut AsyncPgConnection, now: OffsetDateTime, limit: i64) -> QueryResult<usize> {
    crate::prune::prune(
        conn,
        "idempotency_keys",
        "created_at <= $1",
        now - LIFETIME,
        limit,
    )
    .await
}

fn lock_number(scope: &Scope) -> i64 {
    let text = format!("{}\n{}\n{}", scope.caller, scope.operation, scope.key);
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}
