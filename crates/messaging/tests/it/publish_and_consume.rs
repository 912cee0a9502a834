use std::time::Duration;

use events::{Event, v1};
use messaging::{
    Consumers, Delivery, Message, Outcome, Publisher, RawDelivery,
    consumer::SubscriptionError,
    publisher::PublishError,
    topology::{RetryLadder, Subscription, Topology, WEBHOOK_FALLBACK_QUEUE},
};
use testkit::wait_until;
use uuid::Uuid;

use crate::{
    events_of_tests::{HELD, TRACEPARENT, announce, held},
    world::{QUEUE, SOON, Seen, World, clock, consume, depth},
};

/// Handles an event by doing nothing.
async fn done<E: Event>(_: Delivery<E>) -> Outcome {
    Outcome::Done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committed_event_reaches_its_consumer_with_its_envelope() {
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery);
            std::future::ready(Outcome::Done)
        }
    });

    let id = announce(&world.database.database(), "RES260301AAAAAA").await;
    assert_eq!(world.relay(&broker).drain().await.unwrap(), 1);

    let delivery: Delivery<v1::ReservationHeld> = seen.wait_for(1).await.remove(0);
    assert_eq!(delivery.event, held("RES260301AAAAAA"));
    assert_eq!((delivery.event_id, delivery.consumer.as_str()), (id, QUEUE));
    assert_eq!(delivery.correlation_id.as_deref(), Some("RES260301AAAAAA"));
    assert_eq!(delivery.traceparent.as_deref(), Some(TRACEPARENT));
    assert_eq!((delivery.attempt, delivery.redelivered), (1, false));
    assert!(world.database.outbox().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_waits_for_a_consumer_that_never_ran() {
    let world = World::new().await;
    let gateway = world.broker_of("reservations", &world.rabbit.url());
    announce(&world.database.database(), "RES1").await;
    wait_until(SOON, async || {
        world
            .relay(&gateway)
            .drain()
            .await
            .is_ok_and(|published| published == 1)
    })
    .await;
    assert_eq!(depth(&gateway, QUEUE).await, 1);

    let seen = Seen::new();
    let broker = world.broker().await;
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.event_id);
            std::future::ready(Outcome::Done)
        }
    });
    seen.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_hears_leaves_the_outbox_all_the_same() {
    let mut world = World::new().await;
    world.topology = Topology::new(Vec::new(), RetryLadder::new(&[]));
    let broker = world.broker().await;
    announce(&world.database.database(), "RES1").await;
    assert_eq!(world.relay(&broker).drain().await.unwrap(), 1);
    assert!(world.database.outbox().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_queue_was_deleted_stays_until_the_queue_is_back() {
    let world = World::new().await;
    let broker = world.broker().await;
    delete_queue(&world, QUEUE).await;

    announce(&world.database.database(), "RES1").await;
    let relay = world.relay(&broker);
    assert!(relay.drain().await.is_err());
    assert_eq!(world.database.outbox().await, [HELD]);

    // The complaint made the supervisor declare the topology again.
    wait_until(SOON, async || {
        relay.drain().await.is_ok_and(|published| published == 1)
    })
    .await;
    assert_eq!(depth(&broker, QUEUE).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_batch_only_the_message_without_a_queue_comes_back() {
    let world = World::new().await;
    let broker = world.broker().await;
    let messages: Vec<Message> = (0..60)
        .map(|number| if number % 3 == 1 { "nowhere" } else { QUEUE })
        .map(|queue| Message::to_queue(queue, Uuid::new_v4(), b"x".to_vec()))
        .collect();
    let results = Publisher::new(&broker).publish_all(&messages).await;
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(number % 3, 1, "message {number}"),
            Err(error) => {
                assert!(matches!(error, PublishError::Unroutable { .. }), "{error}");
                assert_eq!(number % 3, 1, "message {number}");
            }
        }
    }
    assert_eq!(depth(&broker, QUEUE).await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_queue_carries_bytes_and_headers() {
    let world = World::new().await;
    let broker = world.broker_of("webhooks", &world.rabbit.url());
    crate::world::connected(&broker).await;
    let seen = Seen::new();
    let _running = Consumers::new(&broker, clock())
        .on_queue(WEBHOOK_FALLBACK_QUEUE, {
            let seen = seen.clone();
            move |delivery: RawDelivery| {
                seen.push((
                    delivery.id,
                    delivery.body.to_vec(),
                    delivery.headers.get("source").cloned(),
                ));
                std::future::ready(Outcome::Done)
            }
        })
        .start()
        .unwrap();
    let id = Uuid::new_v4();
    let message =
        Message::to_queue(WEBHOOK_FALLBACK_QUEUE, id, b"{}".to_vec()).with_header("source", "whatsapp");
    Publisher::new(&broker).publish(&message).await.unwrap();
    assert_eq!(
        seen.wait_for(1).await,
        [(Some(id), b"{}".to_vec(), Some("whatsapp".to_owned()))]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_handle_all_its_events_does_not_start() {
    let mut world = World::new().await;
    let expired = Subscription {
        consumer: "payments",
        event: "reservation.expired.v1",
    };
    let held = Subscription {
        consumer: "payments",
        event: HELD,
    };
    world.topology = Topology::new(vec![held, expired], RetryLadder::new(&[]));
    let broker = world.broker_of("payments", &world.rabbit.url());

    let missing = Consumers::new(&broker, clock())
        .on(done::<v1::ReservationHeld>)
        .start();
    assert!(
        matches!(missing, Err(SubscriptionError::NotHandled { queue }) if queue == "payments.reservation-expired")
    );

    let unlisted = Consumers::new(&broker, clock())
        .on(done::<v1::PaymentApproved>)
        .start();
    assert!(
        matches!(unlisted, Err(SubscriptionError::NotListed { queue }) if queue == "payments.payment-approved")
    );

    let both = Consumers::new(&broker, clock())
        .on(done::<v1::ReservationHeld>)
        .on(done::<v1::ReservationExpired>)
        .start();
    both.unwrap().stop(Duration::from_secs(5)).await;
}

async fn delete_queue(world: &World, queue: &str) {
    let url = world.rabbit.url();
    let connection = lapin::Connection::connect(url.as_str(), lapin::ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel
        .queue_delete(queue.into(), lapin::options::QueueDeleteOptions::default())
        .await
        .unwrap();
}
