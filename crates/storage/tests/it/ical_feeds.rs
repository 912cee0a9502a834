use std::sync::Arc;

use futures_util::future::join_all;
use storage::ical_feeds;
use testkit::TestDatabase;
use time::Duration;

use crate::world::{execute, lodging, now};

const FEEDS: usize = 200;

/// Feeds that are all due; the later ones since longer, so that their numbers and their turns run against each other.
async fn due_feeds() -> Arc<TestDatabase> {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    lodging(&mut conn).await;
    let feeds = "INSERT INTO ical_feeds (id, accommodation_id, channel, url, state_since, next_fetch_at, created_at, \
                 updated_at) SELECT n, 1, 'airbnb', 'https://a.example/' || n, '2026-01-01Z', \
                 '2026-02-01Z'::timestamptz - n * interval '1 minute', '2026-01-01Z', '2026-01-01Z' \
                 FROM generate_series(1, 200) AS numbers (n)";
    execute(&mut conn, &[feeds]).await;
    drop(conn);
    Arc::new(database)
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_take_due_feeds_at_once_take_each_once() {
    let database = due_feeds().await;
    let replicas = (0..8).map(|_| {
        let database = database.clone();
        tokio::spawn(async move {
            let mut conn = database.conn().await;
            let mut taken = Vec::new();
            loop {
                let feeds = ical_feeds::claim_due(&mut conn, now(), Duration::MINUTE, 5)
                    .await
                    .unwrap();
                if feeds.is_empty() {
                    return taken;
                }
                taken.extend(feeds.into_iter().map(|feed| feed.id));
            }
        })
    });
    let mut taken: Vec<i64> = join_all(replicas)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=200).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_want_all_feeds_read_at_once_meet_no_deadlock_with_each_other_or_with_replicas() {
    let database = due_feeds().await;
    let everybody = (0..8).map(|number| {
        let database = database.clone();
        tokio::spawn(async move {
            let mut conn = database.conn().await;
            for _ in 0..20 {
                if number % 2 == 0 {
                    assert_eq!(ical_feeds::make_all_due(&mut conn, now()).await.unwrap(), FEEDS);
                } else {
                    ical_feeds::claim_due(&mut conn, now(), Duration::MINUTE, 50)
                        .await
                        .unwrap();
                }
            }
        })
    });
    for one in join_all(everybody).await {
        one.unwrap();
    }
}
