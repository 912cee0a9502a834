use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use messaging::{
    Message, Outcome, Publisher,
    dead_letters::{self, DeadLetter, Selection},
};
use testkit::wait_until;
use uuid::Uuid;

use crate::{
    events_of_tests::{HELD, announce},
    world::{QUEUE, SOON, Seen, World, consume, now},
};

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_retry_a_message_waits_for_a_person_who_may_replay_it() {
    let world = World::new().await;
    let broker = world.broker().await;
    let repaired = Arc::new(AtomicBool::new(false));
    let seen = Seen::new();
    let _running = consume(&broker, {
        let (repaired, seen) = (repaired.clone(), seen.clone());
        move |delivery| {
            seen.push(delivery.attempt);
            let good = repaired.load(Ordering::SeqCst);
            std::future::ready(if good {
                Outcome::Done
            } else {
                Outcome::Retry("it is broken".into())
            })
        }
    });
    let id = announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    wait_until(SOON, async || dead_letters::count(&broker).await.unwrap() == 1).await;
    assert_eq!(seen.all(), [1, 2, 3, 4, 5]);

    let letters = dead_letters::list(&broker, 10).await.unwrap();
    let expected = DeadLetter {
        id: Some(id),
        name: Some(HELD.to_owned()),
        queue: Some(QUEUE.to_owned()),
        reason: Some("it is broken".to_owned()),
        attempts: 5,
        first_failed_at: Some(now()),
        died_at: Some(now()),
        correlation_id: Some("RES1".to_owned()),
        body: letters[0].body.clone(),
    };
    assert_eq!(letters, [expected]);
    // Looking loses nothing.
    assert_eq!(dead_letters::list(&broker, 10).await.unwrap(), letters);

    repaired.store(true, Ordering::SeqCst);
    assert_eq!(
        dead_letters::replay(&broker, &Selection::Event(id))
            .await
            .unwrap(),
        1
    );
    let attempts = seen.wait_for(6).await;
    assert_eq!(attempts[5], 1, "a replayed message starts afresh");
    assert_eq!(dead_letters::count(&broker).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_or_unreadable_message_is_dead_at_once_and_can_be_dropped_alone() {
    let world = World::new().await;
    let broker = world.broker().await;
    let _running = consume(&broker, |_| std::future::ready(Outcome::Reject("never".into())));

    let rejected = announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    let unreadable = Uuid::new_v4();
    Publisher::new(&broker)
        .publish(&Message::to_queue(QUEUE, unreadable, vec![0xff; 8]))
        .await
        .unwrap();
    wait_until(SOON, async || dead_letters::count(&broker).await.unwrap() == 2).await;

    let reason = |letters: &[DeadLetter], id| {
        letters
            .iter()
            .find(|letter| letter.id == Some(id))
            .and_then(|letter| letter.reason.clone())
    };
    let letters = dead_letters::list(&broker, 10).await.unwrap();
    assert_eq!(reason(&letters, rejected).as_deref(), Some("never"));
    assert!(
        reason(&letters, unreadable)
            .unwrap()
            .starts_with("the message is not valid protobuf")
    );

    assert_eq!(
        dead_letters::discard(&broker, &Selection::Event(unreadable))
            .await
            .unwrap(),
        1
    );
    let left = dead_letters::list(&broker, 10).await.unwrap();
    assert_eq!(
        left.iter().map(|letter| letter.id).collect::<Vec<_>>(),
        [Some(rejected)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_its_consumer_every_time_ends_among_the_dead_letters() {
    let world = World::new().await;
    let broker = world.broker().await;
    let id = Uuid::new_v4();
    Publisher::new(&broker)
        .publish(&Message::to_queue(QUEUE, id, Vec::new()))
        .await
        .unwrap();

    let url = world.rabbit.url();
    let connection = lapin::Connection::connect(url.as_str(), lapin::ConnectionProperties::default())
        .await
        .unwrap();
    wait_until(SOON, async || {
        // Each of these consumers takes the message and is gone.
        let channel = connection.create_channel().await.unwrap();
        let _taken = channel
            .basic_get(QUEUE.into(), lapin::options::BasicGetOptions { no_ack: false })
            .await
            .unwrap();
        channel.close(200, "killed".into()).await.unwrap();
        dead_letters::count(&broker).await.unwrap() == 1
    })
    .await;
    let letter = dead_letters::list(&broker, 1).await.unwrap().remove(0);
    assert_eq!((letter.id, letter.queue.as_deref()), (Some(id), Some(QUEUE)));
    assert_eq!(
        letter.reason.as_deref(),
        Some("the broker gave it up: delivery_limit")
    );
}
