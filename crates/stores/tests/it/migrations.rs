//! A service starts before its database does.

use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use service::background::Background;
use service::readiness::Readiness;
use testkit::proxy::Fault;
use testkit::{Proxy, TestDatabase, wait_until};

use crate::SOON;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_not_ready_until_the_database_has_every_migration() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    // As an older release would have left it.
    let last = "CREATE TABLE kept AS SELECT * FROM __diesel_schema_migrations ORDER BY version DESC LIMIT 1;
        DELETE FROM __diesel_schema_migrations WHERE version IN (SELECT version FROM kept);";
    conn.batch_execute(last).await.unwrap();
    let (readiness, background) = (Readiness::default(), Background::new());
    stores::migrations::require(&readiness, &background, &database.database());
    assert_eq!(readiness.obstacles(), ["migrations"]);
    let restore = "INSERT INTO __diesel_schema_migrations SELECT * FROM kept";
    assert_eq!(diesel::sql_query(restore).execute(&mut conn).await.unwrap(), 1);
    wait_until(SOON, async || readiness.obstacles().is_empty()).await;
    assert!(background.stop(SOON).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_at_the_start_is_waited_for_and_not_needed_later() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    proxy.set(Fault::Refuse);
    let (readiness, background) = (Readiness::default(), Background::new());
    stores::migrations::require(&readiness, &background, &testkit::database::open(&url));
    wait_until(SOON, async || 0 < proxy.accepted()).await;
    assert_eq!(readiness.obstacles(), ["migrations"]);
    proxy.set(Fault::None);
    wait_until(SOON, async || readiness.obstacles().is_empty()).await;
    proxy.set(Fault::Refuse);
    assert_eq!(
        readiness.obstacles(),
        Vec::<&str>::new(),
        "a shared store does not empty the load balancer"
    );
    assert!(background.stop(SOON).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_still_waits_can_be_stopped() {
    let database = TestDatabase::create().await;
    let (proxy, url) = Proxy::before(database.url()).await;
    proxy.set(Fault::Refuse);
    let (readiness, background) = (Readiness::default(), Background::new());
    stores::migrations::require(&readiness, &background, &testkit::database::open(&url));
    wait_until(SOON, async || 0 < proxy.accepted()).await;
    assert!(background.stop(SOON).await);
}
