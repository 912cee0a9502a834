use std::collections::HashSet;

use diesel_async::AsyncConnection;
use storage::outbox;
use testkit::TestDatabase;
use time::Duration;

use crate::world::{context, context_at, event, now};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_is_not_announced() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let rolled_back = conn
        .transaction(async |conn| {
            outbox::append(conn, &context(), &event("a")).await?;
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(rolled_back.is_err());
    assert!(database.outbox().await.is_empty());
    assert_eq!(outbox::pending(&mut conn).await.unwrap().count, 0);
    assert_eq!(outbox::pending(&mut conn).await.unwrap().oldest, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_leave_in_the_order_in_which_they_happened() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let instants = [3, 1, 2].map(|second| now() + Duration::seconds(second));
    for at in instants {
        outbox::append(&conn, &context_at(at), &event(&at.second().to_string()))
            .await
            .unwrap();
    }
    let claimed = outbox::claim_batch(&mut conn, 2).await.unwrap();
    let about: Vec<&str> = claimed
        .iter()
        .map(|event| event.correlation_id.as_str())
        .collect();
    assert_eq!(about, ["1", "2"]);
    let pending = outbox::pending(&mut conn).await.unwrap();
    assert_eq!(
        (pending.count, pending.oldest),
        (3, Some(now() + Duration::seconds(1)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_never_have_the_same_event_in_hand() {
    let database = TestDatabase::create().await;
    let conn = database.conn().await;
    for number in 0..90 {
        outbox::append(&conn, &context(), &event(&number.to_string()))
            .await
            .unwrap();
    }
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(8));
    let mut relays = tokio::task::JoinSet::new();
    for _relay in 0..8 {
        let (database, barrier) = (database.database(), barrier.clone());
        relays.spawn(async move {
            let mut conn = database.get().await.unwrap();
            let claimed = conn.transaction(async |conn| {
                let rows = outbox::claim_batch(conn, 12).await?;
                barrier.wait().await; // All have claimed before anyone lets go.
                Ok::<_, diesel::result::Error>(rows)
            });
            claimed.await.unwrap()
        });
    }
    let mut ids: Vec<_> = relays
        .join_all()
        .await
        .concat()
        .into_iter()
        .map(|event| event.id)
        .collect();
    let claimed = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), claimed), (90, 90));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_announced_waits_no_more_and_is_forgotten_later() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let first = outbox::append(&conn, &context(), &event("a")).await.unwrap();
    let second = outbox::append(&conn, &context(), &event("a")).await.unwrap();
    assert_eq!(
        outbox::mark_published(&mut conn, &[first], now()).await.unwrap(),
        1
    );

    let waiting = outbox::claim_batch(&mut conn, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|event| event.id).collect::<Vec<_>>(), [second]);
    assert_eq!(
        outbox::pending_names(&mut conn, 10).await.unwrap(),
        ["webhook.whatsapp_received.v1"]
    );
    let about = outbox::about(&mut conn, "a", 10).await.unwrap();
    let published: Vec<_> = about
        .into_iter()
        .map(|(id, _, _, published)| (id, published))
        .collect();
    assert!(
        published.contains(&(first, Some(now()))) && published.contains(&(second, None)),
        "{published:?}"
    );

    assert_eq!(outbox::prune(&mut conn, now(), 10).await.unwrap(), 0);
    assert_eq!(
        outbox::prune(&mut conn, now() + Duration::SECOND, 10)
            .await
            .unwrap(),
        1
    );
    assert_eq!(database.outbox().await.len(), 1);
}

#[tokio::test]
async fn many_events_of_a_kind_wait_as_one_each_does() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let events: Vec<_> = (0..7_000).map(|number| event(&number.to_string())).collect();
    outbox::append_all(&mut conn, &context(), &events).await.unwrap();
    outbox::append(&conn, &context(), &event("7000")).await.unwrap();
    let waiting = outbox::claim_batch(&mut conn, 10_000).await.unwrap();
    let one = waiting.iter().find(|row| row.correlation_id == "7000").unwrap();
    let numbers: HashSet<&str> = waiting.iter().map(|row| row.correlation_id.as_str()).collect();
    let ids: HashSet<_> = waiting.iter().map(|row| row.id).collect();
    assert_eq!((numbers.len(), ids.len()), (7_001, 7_001));
    assert!(waiting.iter().all(|row| {
        (&row.name, &row.traceparent, row.created_at) == (&one.name, &one.traceparent, one.created_at)
    }));
}
