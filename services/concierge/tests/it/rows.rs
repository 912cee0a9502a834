//! What is in the database.

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use testkit::TestDatabase;
use uuid::Uuid;

/// A row of `messages`.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) direction: String,
    #[diesel(sql_type = Text)]
    pub(crate) fact: String,
    #[diesel(sql_type = Text)]
    pub(crate) recipient: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) content: Value,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) wamid: Option<String>,
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) failure: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) conversation_id: Option<Uuid>,
}

pub(crate) async fn messages(database: &TestDatabase) -> Vec<Row> {
    let mut conn = database.conn().await;
    let query = diesel::sql_query("SELECT * FROM messages ORDER BY created_at, id");
    query.load(&mut conn).await.unwrap()
}

#[derive(QueryableByName)]
struct OneText {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Every row of a query whose one column is the text `text`.
pub(crate) async fn texts(database: &TestDatabase, query: &str) -> Vec<String> {
    let mut conn = database.conn().await;
    let rows: Vec<OneText> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// What the timeline of all stays says, oldest first: `kind {detail}`.
pub(crate) async fn timeline(database: &TestDatabase) -> Vec<String> {
    texts(
        database,
        "SELECT kind || ' ' || detail AS text FROM reservation_timeline ORDER BY id",
    )
    .await
}

/// What became of the deliveries, oldest first.
pub(crate) async fn outcomes(database: &TestDatabase) -> Vec<String> {
    texts(
        database,
        "SELECT coalesce(outcome, 'waits') AS text FROM webhook_deliveries ORDER BY received_at, id",
    )
    .await
}

#[derive(QueryableByName)]
struct Hash {
    #[diesel(sql_type = Binary)]
    access_token_hash: Vec<u8>,
}

/// What `reservations` keeps of a guest's token.
pub(crate) async fn access_token_hash(database: &TestDatabase, reservation: Uuid) -> Vec<u8> {
    let mut conn = database.conn().await;
    let query = diesel::sql_query("SELECT access_token_hash FROM reservations WHERE id = $1");
    let row: Hash = query
        .bind::<SqlUuid, _>(reservation)
        .get_result(&mut conn)
        .await
        .unwrap();
    row.access_token_hash
}
