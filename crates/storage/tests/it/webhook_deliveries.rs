use std::collections::HashSet;

use diesel_async::AsyncConnection;
use serde_json::json;
use storage::{
    outbox,
    webhook_deliveries::{
        self, DeliveryCursor, DeliveryFilter, NewDelivery, Source, Verdict, mark_processed, reopen, store,
        store_without_event, unprocessed_since,
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
    assert!(
        store_without_event(&mut conn, &context(), &sent, "no_resource")
            .await
            .unwrap()
    );
    assert!(
        !store_without_event(&mut conn, &context(), &sent, "no_resource")
            .await
            .unwrap()
    );
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
