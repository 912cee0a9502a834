use diesel_async::AsyncConnection;
use storage::inbox;
use testkit::TestDatabase;
use time::Duration;
use uuid::Uuid;

use crate::world::now;

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_deliveries_at_once_one_is_the_first() {
    let database = TestDatabase::create().await;
    let event = Uuid::new_v4();
    let mut deliveries = tokio::task::JoinSet::new();
    for _delivery in 0..20 {
        let database = database.database();
        deliveries.spawn(async move {
            let mut conn = database.get().await.unwrap();
            let first =
                conn.transaction(async |conn| inbox::first_time(conn, "payments.x", event, now()).await);
            first.await.unwrap()
        });
    }
    let firsts = deliveries
        .join_all()
        .await
        .into_iter()
        .filter(|first| *first)
        .count();
    assert_eq!(firsts, 1);
    let mut conn = database.conn().await;
    assert!(
        inbox::first_time(&mut conn, "concierge.x", event, now())
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_fails_may_be_tried_again() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let event = Uuid::new_v4();
    let failed = conn.transaction(async |conn| {
        assert!(inbox::first_time(conn, "payments.x", event, now()).await?);
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    assert!(failed.await.is_err());
    assert!(
        inbox::first_time(&mut conn, "payments.x", event, now())
            .await
            .unwrap()
    );
    assert!(
        !inbox::first_time(&mut conn, "payments.x", event, now())
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_long_ago_is_forgotten_a_few_at_a_time() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    for seconds in [0, 0, 0, 1] {
        let at = now() + Duration::seconds(seconds);
        inbox::first_time(&mut conn, "payments.x", Uuid::new_v4(), at)
            .await
            .unwrap();
    }
    assert_eq!(inbox::prune(&mut conn, now(), 2).await.unwrap(), 0);
    let later = now() + Duration::SECOND;
    for forgotten in [2, 1, 0] {
        assert_eq!(inbox::prune(&mut conn, later, 2).await.unwrap(), forgotten);
    }
}
