use std::collections::HashSet;

use diesel_async::AsyncConnection;
use serde_json::json;
use storage::{
    outbox,
    webhook_deliveries::{
        self, DeliveryCursor, DeliveryFilter, NewDelivery, Sequel, Source, Verdict, mark_processed, reopen,
        store, store_all, unprocessed_since,
    },
};
use testkit::TestDatabase;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::world::{context, context_at, event, now};

fn delivery(key: &str, received_at: OffsetDateTime) -> NewDelivery {
    NewDelivery {
        id: outbox::new_id(received_at),
        source: Source::Mercadopago,
        dedupe_key: key.to_owned(),
        query: "data.id=1&type=payment".to_owned(),
        headers: json!({"x-request-id": "r"}),
        body: b"{\"caf\xc3\xa9\":1, \"bytes\":\xff}".to_vec(),
        verdict: Verdict::Authentic,
        topic: Some("payment".to_owned()),
        resource_id: Some("233000061680860000".to_owned()),
        received_at,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_equal_deliveries_at_once_one_is_stored_and_announced() {
    let database = TestDatabase::create().await;
    let mut stores = tokio::task::JoinSet::new();
    for _delivery in 0..50 {
        let database = database.database();
        stores.spawn(async move {
            let delivery = delivery("k", now());
            let mut conn = database.get().await.unwrap();
            let event = event(&delivery.id.to_string());
            store(&mut conn, &context(), &delivery, &event).await.unwrap()
        });
    }
    assert_eq!(
        stores
            .join_all()
            .await
            .into_iter()
            .filter(|stored| *stored)
            .count(),
        1
    );
    assert_eq!(database.outbox().await.len(), 1);
    let mut conn = database.conn().await;
    let all = webhook_deliveries::list(&mut conn, &DeliveryFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_kept_byte_for_byte() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let sent = delivery("k", now());
    store(&mut conn, &context(), &sent, &event("a")).await.unwrap();
    let kept = webhook_deliveries::find(&mut conn, sent.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (kept.body, kept.query, kept.headers),
        (sent.body, sent.query, sent.headers)
    );
    assert_eq!(kept.summary.resource_id, sent.resource_id);
    assert_eq!(
        webhook_deliveries::find(&mut conn, Uuid::new_v4()).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_works_on_is_kept_with_the_reason_and_not_announced() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let sent = delivery("k", now());
    let context = context();
    let entry = [(&context, &sent, Sequel::Idle("no_resource"))];
    assert!(store_all(&mut conn, &entry).await.unwrap().contains(&sent.id));
    assert!(store_all(&mut conn, &entry).await.unwrap().is_empty());
    let kept = webhook_deliveries::find(&mut conn, sent.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.summary.outcome.as_deref(), Some("no_resource"));
    assert!(database.outbox().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_sweepers_at_once_announce_each_missed_delivery_once() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let received = now() - Duration::minutes(10);
    for number in 0..60 {
        let delivery = delivery(&number.to_string(), received);
        store(
            &mut conn,
            &context_at(received),
            &delivery,
            &event(&delivery.id.to_string()),
        )
        .await
        .unwrap();
    }
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(3));
    let mut sweepers = tokio::task::JoinSet::new();
    for _sweeper in 0..3 {
        let (database, barrier) = (database.database(), barrier.clone());
        sweepers.spawn(async move {
            let mut conn = database.get().await.unwrap();
            barrier.wait().await;
            let swept = conn.transaction(async |conn| {
                let missed = unprocessed_since(conn, now() - Duration::MINUTE, now(), 100).await?;
                for delivery in &missed {
                    outbox::append(conn, &context(), &event(&delivery.id.to_string())).await?;
                }
                Ok::<_, diesel::result::Error>(missed)
            });
            swept.await.unwrap()
        });
    }
    let swept = sweepers.join_all().await.concat();
    let ids: HashSet<Uuid> = swept.iter().map(|delivery| delivery.id).collect();
    assert_eq!((swept.len(), ids.len()), (60, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_nobody_can_do_is_announced_ever_more_rarely() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let sent = delivery("k", now());
    store(&mut conn, &context(), &sent, &event(&sent.id.to_string()))
        .await
        .unwrap();
    let mut announced = Vec::new();
    for minute in 0..=64 {
        let at = now() + Duration::minutes(minute);
        let missed = unprocessed_since(&mut conn, at - Duration::MINUTE, at, 10)
            .await
            .unwrap();
        for delivery in missed {
            outbox::append(&conn, &context_at(at), &event(&delivery.id.to_string()))
                .await
                .unwrap();
            announced.push(minute);
        }
    }
    assert_eq!(announced, [2, 4, 8, 16, 32, 64]);
    assert!(
        mark_processed(&mut conn, sent.id, "payment_read", now())
            .await
            .unwrap()
    );
    let late = now() + Duration::days(30);
    assert!(
        unprocessed_since(&mut conn, late, late, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(reopen(&mut conn, sent.id).await.unwrap());
    assert_eq!(
        unprocessed_since(&mut conn, late, late, 10).await.unwrap().len(),
        1
    );
    assert!(
        !mark_processed(&mut conn, Uuid::new_v4(), "x", now())
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_deliveries_follow_one_another_without_gap_or_double() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    for number in 0..7 {
        // Pairs of the same instant.
        let sent = delivery(&number.to_string(), now() + Duration::seconds(number / 2));
        store(&mut conn, &context(), &sent, &event("a")).await.unwrap();
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = webhook_deliveries::list(&mut conn, &DeliveryFilter::default(), before, 3)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        before = Some(DeliveryCursor {
            received_at: last.received_at,
            id: last.id,
        });
        seen.extend(
            page.into_iter()
                .map(|delivery| (delivery.received_at, delivery.id)),
        );
    }
    let mut newest_first = seen.clone();
    newest_first.sort_unstable();
    newest_first.reverse();
    newest_first.dedup();
    assert_eq!((seen.len(), seen), (7, newest_first));

    let hints = DeliveryFilter {
        verdict: Some(Verdict::Hint),
        ..DeliveryFilter::default()
    };
    assert!(
        webhook_deliveries::list(&mut conn, &hints, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let waiting = DeliveryFilter {
        source: Some(Source::Mercadopago),
        resource_id: Some("233000061680860000".to_owned()),
        processed: Some(false),
        ..DeliveryFilter::default()
    };
    assert_eq!(
        webhook_deliveries::list(&mut conn, &waiting, None, 10)
            .await
            .unwrap()
            .len(),
        7
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_deliveries_stored_together_each_is_new_or_known_announced_or_idle_by_itself() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let deliveries = ["known", "a", "b", "idle", "a"].map(|key| delivery(key, now()));
    let contexts = [0, 1, 2, 3, 4].map(|second| context_at(now() + Duration::seconds(second)));
    store(&mut conn, &context(), &deliveries[0], &event("first"))
        .await
        .unwrap();
    let entries: Vec<_> = deliveries
        .iter()
        .zip(&contexts)
        .map(|(delivery, context)| {
            let sequel = match delivery.dedupe_key.as_str() {
                "idle" => Sequel::Idle("no_resource"),
                _ => Sequel::announced(&event(&delivery.id.to_string())),
            };
            (context, delivery, sequel)
        })
        .collect();
    let new = store_all(&mut conn, &entries).await.unwrap();
    let [known, a, b, idle, copy] = deliveries.map(|delivery| delivery.id);
    assert!(!new.contains(&known) && new.contains(&b) && new.contains(&idle));
    assert!(new.contains(&a) != new.contains(&copy), "one of two that are one");

    let one_of_a = if new.contains(&a) { a } else { copy };
    let events = outbox::claim_batch(&mut conn, 10).await.unwrap();
    let mut announced: Vec<String> = events.into_iter().map(|event| event.correlation_id).collect();
    announced.sort_unstable();
    let mut expected = vec!["first".to_owned(), one_of_a.to_string(), b.to_string()];
    expected.sort_unstable();
    assert_eq!(announced, expected);
    let idle = webhook_deliveries::find(&mut conn, idle).await.unwrap().unwrap();
    assert_eq!(idle.summary.outcome.as_deref(), Some("no_resource"));
    assert_eq!(idle.summary.processed_at, Some(now() + Duration::seconds(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_with_the_same_deliveries_in_another_order_never_stand_in_each_others_way() {
    let database = TestDatabase::create().await;
    let mut groups = tokio::task::JoinSet::new();
    for group in 0..8 {
        let database = database.database();
        groups.spawn(async move {
            let mut conn = database.get().await.unwrap();
            let mut stored = 0;
            for round in 0..10 {
                let mut keys: Vec<i32> = (0..50).collect();
                keys.rotate_left(group * 6);
                if group % 2 == 0 {
                    keys.reverse();
                }
                let deliveries: Vec<_> = keys
                    .iter()
                    .map(|key| delivery(&format!("{round}-{key}"), now()))
                    .collect();
                let context = context();
                let entries: Vec<_> = deliveries
                    .iter()
                    .map(|delivery| (&context, delivery, Sequel::announced(&event("a"))))
                    .collect();
                stored += store_all(&mut conn, &entries).await.unwrap().len();
            }
            stored
        });
    }
    assert_eq!(groups.join_all().await.into_iter().sum::<usize>(), 500);
    assert_eq!(database.outbox().await.len(), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dealt_with_long_ago_is_forgotten_a_few_at_a_time_and_what_waits_is_not() {
    let database = TestDatabase::create().await;
    let mut conn = database.conn().await;
    let long_ago = now() - Duration::days(100);
    let mut ids = Vec::new();
    for (key, received_at) in [
        ("old-1", long_ago),
        ("old-2", long_ago),
        ("old-3", long_ago),
        ("waits", long_ago),
        ("done-late", long_ago),
        ("young", now()),
    ] {
        let sent = delivery(key, received_at);
        store(&mut conn, &context_at(received_at), &sent, &event("a"))
            .await
            .unwrap();
        let done_at = if key == "done-late" { now() } else { received_at };
        if key != "waits" {
            mark_processed(&mut conn, sent.id, "payment_read", done_at)
                .await
                .unwrap();
        }
        ids.push(sent.id);
    }
    let before = now() - Duration::days(90);
    let mut forgotten = Vec::new();
    for _statement in 0..3 {
        forgotten.push(webhook_deliveries::prune(&mut conn, before, 2).await.unwrap());
    }
    assert_eq!(forgotten, [2, 1, 0]);
    for (number, id) in ids.into_iter().enumerate() {
        let kept = webhook_deliveries::find(&mut conn, id).await.unwrap().is_some();
        assert_eq!(kept, 3 <= number, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_somebody_has_in_hand_is_not_forgotten_meanwhile() {
    let database = TestDatabase::create().await;
    let (mut conn, mut pruner) = (database.conn().await, database.conn().await);
    let long_ago = now() - Duration::days(100);
    let sent = delivery("k", long_ago);
    store(&mut conn, &context_at(long_ago), &sent, &event("a"))
        .await
        .unwrap();
    mark_processed(&mut conn, sent.id, "payment_read", long_ago)
        .await
        .unwrap();
    let reopened = conn.transaction(async |conn| {
        reopen(conn, sent.id).await?;
        assert_eq!(webhook_deliveries::prune(&mut pruner, now(), 10).await?, 0);
        Ok::<_, diesel::result::Error>(())
    });
    reopened.await.unwrap();
    assert_eq!(
        webhook_deliveries::prune(&mut pruner, now(), 10).await.unwrap(),
        0
    );
}
