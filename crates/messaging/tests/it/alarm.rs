use messaging::{Message, Outcome, Publisher, broker::BrokerStatus, publisher::PublishError};
use prost::Message as _;
use testkit::{PrivateBroker, wait_until};
use uuid::Uuid;

use crate::{
    events_of_tests::held,
    world::{QUEUE, SOON, Seen, World, consume},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_alarm_stops_publishers_at_once_but_not_consumers() {
    let rabbit = PrivateBroker::start().await;
    let world = World::new().await;
    let broker = world.broker_at(&rabbit.url()).await;
    let publisher = Publisher::new(&broker);
    let message = || Message::to_queue(QUEUE, Uuid::new_v4(), held("RES1").encode_to_vec());
    let before: Vec<_> = (0..20).map(|_| message()).collect();
    assert!(publisher.publish_all(&before).await.iter().all(Result::is_ok));

    rabbit.memory_alarm(true).await;
    let blocked = publisher.publish(&message()).await;
    assert!(matches!(blocked, Err(PublishError::Blocked)), "{blocked:?}");
    assert!(matches!(broker.status(), BrokerStatus::Blocked));
    let started = std::time::Instant::now();
    assert!(matches!(
        publisher.publish(&message()).await,
        Err(PublishError::Blocked)
    ));
    assert!(started.elapsed().as_millis() < 100);

    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |delivery| {
            seen.push(delivery.event_id);
            std::future::ready(Outcome::Done)
        }
    });
    seen.wait_for(20).await;

    rabbit.memory_alarm(false).await;
    wait_until(SOON, async || publisher.publish(&message()).await.is_ok()).await;
    seen.wait_for(21).await;
}
