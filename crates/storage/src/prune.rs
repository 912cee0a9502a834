//! Forgetting rows past their time, a bounded number in each statement.

use diesel::QueryResult;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;

/// Deletes at most `limit` rows of `table` that `old` is true of, where `$1` is `before`, and tells how many.
///
/// A row that somebody else has in hand stays for the next time, and one that has just changed is judged as it is now.
pub(crate) async fn prune(
    conn: &mut AsyncPgConnection,
    table: &'static str,
    old: &'static str,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<usize> {
    let delete = format!(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY (SELECT ctid FROM {table} WHERE {old} LIMIT $2 FOR UPDATE SKIP \
         LOCKED))"
    );
    sql_query(delete)
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(limit)
        .execute(conn)
        .await
}
