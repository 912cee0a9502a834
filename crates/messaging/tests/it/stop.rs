use std::sync::Arc;

use messaging::Outcome;
use testkit::wait_until;
use tokio::sync::Semaphore;

use crate::{
    events_of_tests::{announce_many, effect, effects},
    world::{QUEUE, SOON, Seen, World, consume, depth},
};

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_what_is_in_hand_and_takes_nothing_new() {
    let world = World::new().await;
    let broker = world.broker().await;
    let database = world.database.database();
    let (seen, release) = (Seen::new(), Arc::new(Semaphore::new(0)));
    let running = consume(&broker, {
        let (seen, release, database) = (seen.clone(), release.clone(), database.clone());
        move |delivery| {
            let (seen, release, database) = (seen.clone(), release.clone(), database.clone());
            async move {
                seen.push(delivery.event_id);
                release.acquire().await.unwrap().forget();
                effect(&database, &delivery).await
            }
        }
    });
    announce_many(&database, 20).await;
    world.relay(&broker).drain().await.unwrap();
    seen.wait_for(4).await;

    // Nothing new may come from the moment that stop is called; what is in hand is released after it.
    let mut stopping = std::pin::pin!(running.stop(SOON));
    tokio::select! {
        biased;
        () = &mut stopping => panic!("stopped with deliveries in hand"),
        () = std::future::ready(()) => {}
    }
    release.add_permits(20);
    stopping.await;
    assert_eq!(seen.len(), 4);
    assert_eq!(effects(&database).await, 4);
    wait_until(SOON, async || depth(&broker, QUEUE).await == 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_finish_in_time_goes_back_to_its_queue() {
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.event_id);
            std::future::pending::<Outcome>()
        }
    });
    announce_many(&world.database.database(), 3).await;
    world.relay(&broker).drain().await.unwrap();
    seen.wait_for(3).await;
    running.stop(std::time::Duration::from_millis(50)).await;
    wait_until(SOON, async || depth(&broker, QUEUE).await == 3).await;
}
