use std::{collections::HashSet, time::Duration};

use messaging::{
    Message, Outcome, Publisher,
    topology::{EVENTS_EXCHANGE, RetryLadder, Subscription, Topology},
};
use prost::Message as _;
use testkit::{PrivateBroker, wait_until};
use uuid::Uuid;

use crate::{
    events_of_tests::{HELD, held},
    world::{Seen, World, connected, consume},
};

/// A restart of RabbitMQ on a busy machine.
const RESTART: Duration = Duration::from_secs(90);

const MESSAGES: usize = 600;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_while_messages_wait_for_their_retry_loses_none() {
    let rabbit = PrivateBroker::start().await;
    let mut world = World::new().await;
    let ladder = RetryLadder::new(&[Duration::from_millis(700), Duration::from_millis(900)]);
    world.topology = Topology::new(
        vec![Subscription {
            consumer: "payments",
            event: HELD,
        }],
        ladder,
    );
    let broker = world.broker_at(&rabbit.url()).await;

    let (failed, done) = (Seen::new(), Seen::new());
    let _running = consume(&broker, {
        let (failed, done) = (failed.clone(), done.clone());
        move |delivery| {
            let id = delivery.event_id;
            std::future::ready(if delivery.attempt < 3 {
                failed.push(id);
                Outcome::Retry("on purpose".into())
            } else {
                done.push(id);
                Outcome::Done
            })
        }
    });
    let mut sent = HashSet::new();
    for batch in 0..MESSAGES / 100 {
        let messages: Vec<_> = (0..100)
            .map(|number| {
                let id = Uuid::new_v4();
                sent.insert(id);
                let body = held(&format!("RES{batch}-{number}")).encode_to_vec();
                Message::to_exchange(EVENTS_EXCHANGE, HELD, id, body)
            })
            .collect();
        let results = Publisher::new(&broker).publish_all(&messages).await;
        assert!(results.iter().all(Result::is_ok));
    }

    // Twice: once while most wait in the first room, once while they move on to the second.
    for failures in [MESSAGES / 3, MESSAGES + MESSAGES / 3] {
        wait_until(RESTART, async || failures <= failed.len()).await;
        rabbit.kill().await;
        rabbit.start_again().await;
        connected(&broker).await;
    }
    wait_until(RESTART, async || sent.len() <= distinct(&done).len()).await;
    assert_eq!(distinct(&done), sent);
}

fn distinct(seen: &Seen<Uuid>) -> HashSet<Uuid> {
    seen.all().into_iter().collect()
}
