//! Hearing and telling, from start to end.

use std::sync::Arc;

use domain::reservation::Actor;
use events::{Event, v1};
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings, Consumers, Delivery, Outcome};
use service::background::Background;
use service::clock::Clock;
use storage::{Context, outbox};
use testkit::{TestBroker, TestDatabase, wait_until};
use time::macros::datetime;
use tokio::sync::Semaphore;

use crate::SOON;

/// Handles an event by doing nothing.
async fn done<E: Event>(_: Delivery<E>) -> Outcome {
    Outcome::Done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_told_and_heard_and_what_is_in_hand_at_the_end_is_finished() {
    let (database, rabbit) = (TestDatabase::create().await, TestBroker::create().await);
    let clock = Clock::frozen_at(datetime!(2026-11-24 12:00 UTC));
    let settings = BrokerSettings::new(rabbit.url().as_str(), "ical-sync").unwrap();
    let broker = Broker::start(settings.with_topology(Topology::of_services(&["ical-sync"])));
    let background = Background::new();
    let (heard, may_end, ended) = (
        Arc::new(Semaphore::new(0)),
        Arc::new(Semaphore::new(0)),
        Arc::new(Semaphore::new(0)),
    );
    let handler = {
        let (heard, may_end, ended) = (heard.clone(), may_end.clone(), ended.clone());
        move |_delivery: Delivery<v1::ReservationCancelled>| {
            let (heard, may_end, ended) = (heard.clone(), may_end.clone(), ended.clone());
            async move {
                heard.add_permits(1);
                may_end.acquire().await.unwrap().forget();
                ended.add_permits(1);
                Outcome::Done
            }
        }
    };
    stores::messages::exchange(&background, &broker, &database.database(), &clock, |clock| {
        Consumers::new(&broker, clock)
            .on(handler)
            .on(done::<v1::ReservationExpired>)
            .start()
    })
    .unwrap();

    let context = Context {
        now: clock.now(),
        actor: Actor::System("tests"),
        traceparent: None,
    };
    let event = v1::ReservationCancelled::default();
    let conn = database.conn().await;
    outbox::append(&conn, &context, &event).await.unwrap();
    tokio::time::timeout(SOON, heard.acquire())
        .await
        .unwrap()
        .unwrap()
        .forget();
    wait_until(SOON, async || database.outbox().await.is_empty()).await;

    let stopping = tokio::spawn(async move { background.stop(SOON).await });
    may_end.add_permits(1);
    assert!(stopping.await.unwrap());
    assert_eq!(ended.available_permits(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_forgot_an_event_does_not_start() {
    let (database, rabbit) = (TestDatabase::create().await, TestBroker::create().await);
    let settings = BrokerSettings::new(rabbit.url().as_str(), "ical-sync").unwrap();
    let broker = Broker::start(settings.with_topology(Topology::of_services(&["ical-sync"])));
    let clock = Clock::frozen_at(datetime!(2026-11-24 12:00 UTC));
    let started = stores::messages::exchange(
        &Background::new(),
        &broker,
        &database.database(),
        &clock,
        |clock| {
            Consumers::new(&broker, clock)
                .on(done::<v1::ReservationExpired>)
                .start()
        },
    );
    assert!(started.is_err());
    broker.stop();
}
