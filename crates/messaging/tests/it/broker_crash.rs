use std::time::Duration;

use messaging::dead_letters;
use testkit::{PrivateBroker, wait_until};
use tokio_util::sync::CancellationToken;

use crate::{
    events_of_tests::{announce_many, effect, effects},
    world::{Seen, World, connected, consume},
};

/// A restart of RabbitMQ on a busy machine.
const RESTART: Duration = Duration::from_secs(90);

const EVENTS: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_under_relays_and_consumers_costs_no_event_and_doubles_no_effect() {
    let rabbit = PrivateBroker::start().await;
    let world = World::new().await;
    let database = world.database.database();
    let broker = world.broker_at(&rabbit.url()).await;
    let seen = Seen::new();
    let running = consume(&broker, {
        let (seen, database) = (seen.clone(), database.clone());
        move |delivery| {
            let (seen, database) = (seen.clone(), database.clone());
            async move {
                let outcome = effect(&database, &delivery).await;
                seen.push(delivery.event_id);
                outcome
            }
        }
    });
    let stop = CancellationToken::new();
    let relays = [0, 1].map(|_| tokio::spawn(world.relay(&broker).run(stop.clone())));
    announce_many(&database, EVENTS).await;

    for deliveries in [EVENTS / 4, EVENTS / 2] {
        wait_until(RESTART, async || deliveries <= seen.len()).await;
        rabbit.kill().await;
        rabbit.start_again().await;
        connected(&broker).await;
    }
    let all = i64::try_from(EVENTS).unwrap();
    wait_until(RESTART, async || {
        effects(&database).await == all && world.database.outbox().await.is_empty()
    })
    .await;
    running.stop(RESTART).await;
    stop.cancel();
    for relay in relays {
        relay.await.unwrap();
    }
    assert_eq!(effects(&database).await, all);
    assert_eq!(dead_letters::count(&broker).await.unwrap(), 0);
}
