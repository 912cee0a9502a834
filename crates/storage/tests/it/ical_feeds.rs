use std::sync::Arc;

use futures_util::future::join_all;
use storage::ical_feeds::{self, Feed, Unchanged};
use testkit::TestDatabase;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::world::{execute, lodging, now, until_one_waits_for_a_lock};

const FEEDS: usize = 200;
const LEASE: Duration = Duration::MINUTE;

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
                let feeds = ical_feeds::claim_due(&mut conn, now(), LEASE, 5, &[])
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
                    let taken = ical_feeds::claim_due(&mut conn, now(), LEASE, 50, &[])
                        .await
                        .unwrap();
                    let found: Vec<Unchanged> = taken.into_iter().rev().map(due_in_an_hour).collect();
                    ical_feeds::found_unchanged(&mut conn, &found, now())
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

fn due_in_an_hour(feed: Feed) -> Unchanged {
    Unchanged {
        feed,
        next_fetch_at: now() + Duration::HOUR,
    }
}

/// What was said of feeds 1 to 200, each taken once, of which `change` has changed some since.
async fn unchanged_after(change: &str) -> Vec<Feed> {
    let database = due_feeds().await;
    let mut conn = database.conn().await;
    let taken = ical_feeds::claim_due(&mut conn, now(), LEASE, 200, &[])
        .await
        .unwrap();
    execute(&mut conn, &[change]).await;
    let found: Vec<Unchanged> = taken.into_iter().map(due_in_an_hour).collect();
    ical_feeds::found_unchanged(&mut conn, &found, now())
        .await
        .unwrap();
    let mut said = Vec::new();
    for (feed, _) in ical_feeds::list(&mut conn, None, 0, 1_000).await.unwrap() {
        if feed.last_success_at.is_some() {
            assert_eq!(feed.last_success_at, feed.last_attempt_at);
            assert_eq!(feed.next_fetch_at, now() + Duration::HOUR);
            said.push(feed);
        }
    }
    said
}

#[tokio::test]
async fn all_feeds_that_are_as_they_were_are_written_down_at_once() {
    assert_eq!(unchanged_after("SELECT 1").await.len(), FEEDS);
}

#[tokio::test]
async fn a_feed_that_is_wanted_moved_paused_removed_or_distrusted_meanwhile_is_not_written_down_as_unchanged()
{
    for change in [
        "UPDATE ical_feeds SET next_fetch_at = '2026-03-01Z' WHERE id = 7",
        "UPDATE ical_feeds SET url = 'https://b.example/', next_fetch_at = '2026-03-01Z' WHERE id = 7",
        "UPDATE ical_feeds SET paused = true WHERE id = 7",
        "UPDATE ical_feeds SET state = 'stale' WHERE id = 7",
        "UPDATE ical_feeds SET removed_at = '2026-03-01Z' WHERE id = 7",
    ] {
        let said = unchanged_after(change).await;
        assert_eq!(said.len(), FEEDS - 1, "{change}");
        assert!(said.iter().all(|feed| feed.id != 7), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_another_is_taking_at_this_moment_is_waited_for_and_seen_to_be_read() {
    let database = due_feeds().await;
    let mut observer = database.conn().await;
    let mut other = database.conn().await;
    let takes = "UPDATE ical_feeds SET last_attempt_at = '2026-03-01Z', next_fetch_at = '2026-03-01 00:01Z'";
    execute(&mut other, &["BEGIN", takes]).await;
    let at: OffsetDateTime = datetime!(2026-03-01 0:00 UTC);
    let waiting = {
        let database = database.clone();
        tokio::spawn(async move {
            let mut conn = database.conn().await;
            let mine = ical_feeds::claim_outdated(&mut conn, 1, at, at, LEASE).await;
            let all = ical_feeds::list(&mut conn, Some(1), 0, 1_000).await;
            (mine.unwrap(), all.unwrap())
        })
    };
    until_one_waits_for_a_lock(&mut observer).await;
    execute(&mut other, &["COMMIT"]).await;
    let (mine, all) = waiting.await.unwrap();
    assert!(mine.is_empty());
    assert!(all.iter().all(|(feed, _)| feed.is_being_read(at, LEASE)));
}
