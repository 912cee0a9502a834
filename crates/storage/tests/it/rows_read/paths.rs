//! Counting what a path reads.

use diesel::{QueryResult, QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::world::execute;

/// More than any path may read, less than any table has.
const FEW: i64 = 300;

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Notes the paths that read more than [`FEW`] rows.
pub(super) struct Paths {
    pub(super) conn: AsyncPgConnection,
    pub(super) heavy: Vec<String>,
}

impl Paths {
    pub(super) async fn go<T>(
        &mut self,
        name: &str,
        path: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) {
        let before = rows_read(&mut self.conn).await;
        if let Err(error) = path(&mut self.conn).await {
            panic!("{name}: {error}");
        }
        let rows = rows_read(&mut self.conn).await - before;
        if FEW < rows {
            self.heavy.push(format!("{name} reads {rows}"));
        }
    }
}

/// Rows read so far in this database, in all tables of ours.
async fn rows_read(conn: &mut AsyncPgConnection) -> i64 {
    execute(conn, &["SELECT pg_stat_force_next_flush()"]).await;
    let query = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows \
                 FROM pg_stat_user_tables";
    let read: Read = sql_query(query).get_result(conn).await.unwrap();
    read.rows
}
