use testkit::{Proxy, proxy::Fault, wait_until};

use crate::{
    events_of_tests::{HELD, announce_many, effect, effects},
    world::{QUEUE, SOON, Seen, World, consume, depth},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_killed_between_publish_and_mark_doubles_messages_but_not_effects() {
    let world = World::new().await;
    let direct = world.broker().await;
    let (proxy, url) = Proxy::before(&world.rabbit.url()).await;
    let doomed = world.broker_at(&url).await;
    let relay = world.relay(&doomed);
    // It has its channel open, so that it waits for nothing but the confirms.
    announce_many(&world.database.database(), 1).await;
    assert_eq!(relay.drain().await.unwrap(), 1);
    announce_many(&world.database.database(), 50).await;

    // The messages arrive, their confirms do not: here the relay dies.
    proxy.set(Fault::StallAnswers);
    let pass = tokio::spawn(async move { relay.pass().await });
    wait_until(SOON, async || depth(&direct, QUEUE).await == 51).await;
    pass.abort();
    assert!(pass.await.unwrap_err().is_cancelled());
    drop(doomed);
    assert_eq!(world.database.outbox().await, [HELD; 50]);

    // Another relay publishes them again as soon as the dead one's transaction is gone.
    let relay = world.relay(&direct);
    let mut published = 0;
    wait_until(SOON, async || {
        published += relay.drain().await.unwrap();
        published == 50
    })
    .await;
    wait_until(SOON, async || depth(&direct, QUEUE).await == 101).await;

    let seen = Seen::new();
    let database = world.database.database();
    let running = consume(&direct, {
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
    seen.wait_for(101).await;
    running.stop(SOON).await;
    assert_eq!(effects(&database).await, 51);
    assert_eq!(depth(&direct, QUEUE).await, 0);
}
