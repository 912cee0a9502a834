use std::sync::Arc;

use storage::{listen, outbox};
use testkit::{Proxy, TestDatabase, wait_until};
use tokio::sync::Notify;

use crate::world::{SOON, context, event, lines};

/// Listens, and gives what it wakes.
fn listening(database: storage::Database) -> (Arc<Notify>, tokio::task::JoinHandle<Result<(), String>>) {
    let nudge = Arc::new(Notify::new());
    let listener = tokio::spawn({
        let nudge = nudge.clone();
        async move {
            listen::outbox(&database, &nudge)
                .await
                .map_err(|error| error.to_string())
        }
    });
    (nudge, listener)
}

async fn until_it_listens(database: &TestDatabase) {
    let listeners = "SELECT query AS line FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' \
                     AND query = 'LISTEN outbox_events'";
    let mut conn = database.conn().await;
    wait_until(SOON, async || lines(&mut conn, listeners).await.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_who_listens() {
    let database = TestDatabase::create().await;
    let (nudge, _listener) = listening(database.database());
    until_it_listens(&database).await;
    // It looks once at what came before it listened.
    tokio::time::timeout(SOON, nudge.notified()).await.unwrap();
    for _time in 0..2 {
        outbox::append(&*database.conn().await, &context(), &event("a"))
            .await
            .unwrap();
        tokio::time::timeout(SOON, nudge.notified()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_connection_ends_the_listening() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    let (_nudge, listener) = listening(testkit::database::open(&url));
    until_it_listens(&database).await;
    proxy.cut();
    let ended = tokio::time::timeout(SOON, listener).await.unwrap();
    assert!(ended.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_listens_and_when_its_connection_dies_the_other_does() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    let (_first, _ends) = listening(testkit::database::open(&url));
    until_it_listens(&database).await;
    let (second, _listener) = listening(database.database());
    let asks = "SELECT query AS line FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' \
                AND query = 'SELECT pg_try_advisory_lock($1)'";
    let mut conn = database.conn().await;
    wait_until(SOON, async || lines(&mut conn, asks).await.len() == 1).await;

    outbox::append(&*database.conn().await, &context(), &event("a"))
        .await
        .unwrap();
    until_it_listens(&database).await;
    assert_eq!(lines(&mut conn, asks).await.len(), 1);

    proxy.cut();
    // For what was announced while nobody listened.
    tokio::time::timeout(SOON, second.notified()).await.unwrap();
    until_it_listens(&database).await;
    assert!(lines(&mut conn, asks).await.is_empty());
}

/// Many commits side by side: one notifies, the others do not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_does_not_wait_for_another_that_notifies() {
    use diesel_async::AsyncConnection;

    let database = TestDatabase::create().await;
    let mut first = database.conn().await;
    let held = first.transaction(async |conn| {
        outbox::append(conn, &context(), &event("a")).await?;
        // As far as a commit gets before it is written to disk.
        diesel_async::RunQueryDsl::execute(diesel::sql_query("SET CONSTRAINTS ALL IMMEDIATE"), conn).await?;
        let second = database.conn().await;
        let appended = async { outbox::append(&second, &context(), &event("b")).await };
        tokio::time::timeout(SOON / 4, appended).await.unwrap()?;
        Ok::<_, diesel::result::Error>(())
    });
    held.await.unwrap();
    assert_eq!(database.outbox().await.len(), 2);
}
