use std::time::{Duration, Instant};

use diesel::sql_query;
use diesel_async::{AsyncConnection, RunQueryDsl};
use storage::{Refusal, error::is_unavailable, refusal};
use testkit::{Proxy, TestDatabase, proxy::Fault, wait_until};

use crate::world::{SOON, execute, lodging};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_said_within_a_second_and_used_again_when_it_is_back() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    let pool = testkit::database::open(&url);
    pool.ping().await.unwrap();
    for (fault, words) in [(Fault::Refuse, "no answer"), (Fault::Stall, "timed out")] {
        proxy.cut();
        proxy.set(fault);
        let asked = Instant::now();
        wait_until(SOON, async || pool.ping().await.is_err()).await;
        let error = pool.ping().await.unwrap_err();
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
        assert_eq!(error.words(), words);
        proxy.set(Fault::None);
        wait_until(SOON, async || pool.ping().await.is_ok()).await;
    }
    assert_eq!(pool.status().waiting, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_said_within_a_second() {
    let database = TestDatabase::create().await;
    let mut taken = Vec::new();
    for _connection in 0..database.database().status().max {
        taken.push(database.conn().await);
    }
    let asked = Instant::now();
    assert!(database.database().get().await.is_err());
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    drop(taken);
    drop(database.conn().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_and_a_wait_for_a_lock_have_an_end() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let endless = sql_query("SELECT pg_sleep(60)").execute(&mut conn);

    let mut other = database.conn().await;
    let waiting = async {
        let mut holder = database.conn().await;
        holder
            .transaction(async |conn| {
                execute(conn, &["SELECT FROM accommodations FOR UPDATE"]).await;
                let waited = sql_query("SELECT FROM accommodations FOR UPDATE")
                    .execute(&mut other)
                    .await;
                Ok::<_, diesel::result::Error>(waited.unwrap_err())
            })
            .await
            .unwrap()
    };
    let started = Instant::now();
    let (endless, waited) = tokio::join!(endless, waiting);
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    assert!(is_unavailable(&endless.unwrap_err()));
    assert_eq!(refusal(&waited), Some(Refusal::Contention));
}

/// Whoever is told so keeps what he has in hand and waits, rather than giving it up as impossible.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_in_the_middle_is_the_databases_absence() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    let pool = testkit::database::open(&url);

    let mut conn = pool.get().await.unwrap();
    let cut = async {
        wait_until(SOON, async || busy(&database, SLOW).await).await;
        proxy.cut();
    };
    let (asked, ()) = tokio::join!(sql_query(SLOW).execute(&mut conn), cut);
    assert!(is_unavailable(&asked.unwrap_err()));

    let mut conn = pool.get().await.unwrap();
    let ended = async {
        wait_until(SOON, async || busy(&database, SLOWER).await).await;
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = '{SLOWER}' AND state = 'active' \
             AND datname = current_database()"
        );
        execute(&mut *database.conn().await, &[&end]).await;
    };
    // Not the same statement again: the server may still be at the first, whose client is gone.
    let (asked, ()) = tokio::join!(sql_query(SLOWER).execute(&mut conn), ended);
    assert!(is_unavailable(&asked.unwrap_err()));

    let mut conn = database.conn().await;
    execute(&mut conn, &["SET default_transaction_read_only = on"]).await;
    let written = sql_query("CREATE TABLE t (n int)").execute(&mut conn).await;
    assert!(is_unavailable(&written.unwrap_err()));
}

const SLOW: &str = "SELECT pg_sleep(2)";
const SLOWER: &str = "SELECT pg_sleep(2.5)";

async fn busy(database: &TestDatabase, query: &str) -> bool {
    let active = format!(
        "SELECT FROM pg_stat_activity WHERE query = '{query}' AND state = 'active' AND datname = current_database()"
    );
    sql_query(active)
        .execute(&mut database.conn().await)
        .await
        .unwrap()
        == 1
}
