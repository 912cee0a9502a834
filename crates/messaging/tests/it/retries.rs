use std::time::Duration;

use events::v1;
use messaging::{
    Consumers, Delivery, Outcome, dead_letters,
    topology::{RetryLadder, Subscription, Topology},
};
use testkit::wait_until;

use crate::{
    events_of_tests::{HELD, announce},
    world::{QUEUE, SOON, Seen, World, clock, consume, depth},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_delivery_comes_again_until_it_is_done() {
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push((delivery.event_id, delivery.attempt));
            std::future::ready(if delivery.attempt < 3 {
                Outcome::Retry("not yet".into())
            } else {
                Outcome::Done
            })
        }
    });
    let id = announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    assert_eq!(seen.wait_for(3).await, [(id, 1), (id, 2), (id, 3)]);
    wait_until(SOON, async || depth(&broker, QUEUE).await == 0).await;
    assert_eq!(dead_letters::count(&broker).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_like_any_other() {
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.attempt);
            assert!(1 < delivery.attempt, "the first try panics, on purpose");
            std::future::ready(Outcome::Done)
        }
    });
    announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    assert_eq!(seen.wait_for(2).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postponed_delivery_keeps_all_its_tries() {
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.attempt);
            let away = seen.len() < 3;
            std::future::ready(if away {
                Outcome::Postpone("the database is away".into())
            } else {
                Outcome::Done
            })
        }
    });
    announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    assert_eq!(seen.wait_for(3).await, [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_goes_back_to_the_one_who_failed_and_to_no_other_listener() {
    let mut world = World::new().await;
    let subscriptions = ["payments", "concierge"].map(|consumer| Subscription {
        consumer,
        event: HELD,
    });
    world.topology = Topology::new(
        subscriptions.to_vec(),
        RetryLadder::new(&[Duration::from_millis(40)]),
    );
    let payments = world.broker().await;
    let concierge = world.broker_of("concierge", &world.rabbit.url());

    let seen = Seen::new();
    let _failing = consume(&payments, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(("payments", delivery.attempt));
            std::future::ready(if delivery.attempt == 1 {
                Outcome::Retry("once".into())
            } else {
                Outcome::Done
            })
        }
    });
    let _content = Consumers::new(&concierge, clock())
        .on({
            let seen = seen.clone();
            move |delivery: Delivery<v1::ReservationHeld>| {
                seen.push(("concierge", delivery.attempt));
                std::future::ready(Outcome::Done)
            }
        })
        .start()
        .unwrap();
    announce(&world.database.database(), "RES1").await;
    world.relay(&payments).drain().await.unwrap();

    let mut all = seen.wait_for(3).await;
    all.sort_unstable();
    assert_eq!(all, [("concierge", 1), ("payments", 1), ("payments", 2)]);
}
