use messaging::{Message, Outcome, Publisher, topology::EVENTS_EXCHANGE};
use prost::Message as _;
use testkit::{Proxy, proxy::Fault, wait_until};
use uuid::Uuid;

use crate::{
    events_of_tests::{HELD, announce, effect, effects, held},
    world::{QUEUE, SOON, Seen, World, consume, depth},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_killed_between_its_effect_and_the_acknowledgement_has_it_once() {
    let world = World::new().await;
    let database = world.database.database();
    announce(&database, "RES1").await;
    let doomed = world.broker().await;
    world.relay(&doomed).drain().await.unwrap();

    let committed = Seen::new();
    let running = consume(&doomed, {
        let (committed, database) = (committed.clone(), database.clone());
        move |delivery| {
            let (committed, database) = (committed.clone(), database.clone());
            async move {
                effect(&database, &delivery).await;
                committed.push(delivery.event_id);
                std::future::pending().await // Here it is killed.
            }
        }
    });
    committed.wait_for(1).await;
    drop(running);
    drop(doomed);

    let broker = world.broker().await;
    let seen = Seen::new();
    let running = consume(&broker, {
        let (seen, database) = (seen.clone(), database.clone());
        move |delivery| {
            let (seen, database) = (seen.clone(), database.clone());
            async move {
                let outcome = effect(&database, &delivery).await;
                seen.push((delivery.event_id, delivery.redelivered));
                outcome
            }
        }
    });
    assert_eq!(seen.wait_for(1).await, [(committed.all()[0], true)]);
    running.stop(SOON).await;
    assert_eq!(effects(&database).await, 1);
    assert_eq!(depth(&broker, QUEUE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_whose_confirm_is_lost_leaves_the_message_where_it_was() {
    let world = World::new().await;
    let direct = world.broker().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let cut_off = world.broker_at(&url).await;
    let seen = Seen::new();
    let running = consume(&cut_off, {
        let (seen, proxy) = (seen.clone(), std::sync::Arc::new(proxy));
        move |delivery| {
            seen.push(delivery.attempt);
            proxy.set(Fault::Stall);
            std::future::ready(Outcome::Retry("while the broker cannot be reached".into()))
        }
    });
    let message = Message::to_exchange(
        EVENTS_EXCHANGE,
        HELD,
        Uuid::new_v4(),
        held("RES1").encode_to_vec(),
    );
    Publisher::new(&direct).publish(&message).await.unwrap();
    seen.wait_for(1).await;
    drop(running);
    drop(cut_off);
    wait_until(SOON, async || depth(&direct, QUEUE).await == 1).await;
}
