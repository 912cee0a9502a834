use events::v1;
use messaging::{
    Consumers, Delivery, Outcome,
    topology::{RetryLadder, Subscription, Topology},
};

use crate::{
    events_of_tests::{HELD, announce},
    world::{Seen, World, clock, connected, consume},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_works_in_the_trace_that_caused_its_event() {
    telemetry::for_tests();
    let world = World::new().await;
    let broker = world.broker().await;
    let seen = Seen::new();
    let _running = consume(&broker, {
        let seen = seen.clone();
        move |_| {
            let seen = seen.clone();
            async move {
                seen.push(telemetry::trace::current_trace_id());
                Outcome::Done
            }
        }
    });
    announce(&world.database.database(), "RES1").await;
    world.relay(&broker).drain().await.unwrap();
    assert_eq!(
        seen.wait_for(1).await,
        [Some("0af7651916cd43dd8448eb211c80319c".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_deliveries_is_counted_from_zero() {
    let mut world = World::new().await;
    // A listener of this test alone, since all tests of one process share the counters.
    let subscription = Subscription {
        consumer: "ical-sync",
        event: HELD,
    };
    world.topology = Topology::new(vec![subscription], RetryLadder::new(&[]));
    let broker = world.broker_of("ical-sync", &world.rabbit.url());
    connected(&broker).await;
    let seen = Seen::new();
    let running = Consumers::new(&broker, clock())
        .on({
            let seen = seen.clone();
            move |delivery: Delivery<v1::ReservationHeld>| {
                seen.push(delivery.event_id);
                std::future::ready(if seen.len() == 1 {
                    Outcome::Done
                } else {
                    Outcome::Reject("never".into())
                })
            }
        })
        .start()
        .unwrap();
    let counted = |name: &str| {
        let page = telemetry::metrics::render();
        let series = format!("{name}{{consumer=\"ical-sync\",event=\"{HELD}\"}} ");
        page.lines()
            .find_map(|line| line.strip_prefix(&series).map(ToOwned::to_owned))
            .unwrap_or_default()
    };
    let all = || {
        [
            "events_consumed_total",
            "events_retried_total",
            "events_dead_lettered_total",
        ]
        .map(&counted)
        .join(" ")
    };
    assert_eq!(all(), "0 0 0");

    for code in ["RES1", "RES2", "RES3"] {
        announce(&world.database.database(), code).await;
    }
    world.relay(&broker).drain().await.unwrap();
    seen.wait_for(3).await;
    running.stop(crate::world::SOON).await;
    assert_eq!(all(), "1 0 2");
}
