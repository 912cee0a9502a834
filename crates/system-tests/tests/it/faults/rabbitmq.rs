//! RabbitMQ down, slow, flapping: booking and webhooks go on, the outbox fills and drains.

use std::time::Duration;

use serde_json::json;
use testkit::proxy::Fault;
use testkit::wait_until;

use super::{HEALS_WITHIN, book_through, confirmed_in_time, health_of, notify, timed};
use crate::world::World;
use crate::world::provider::Payment;

/// Books, pays and notifies although events do not flow; gives how long each took.
async fn books_without_events(world: &World) -> crate::world::guest::Hold {
    let lodging = world.lodging().await;
    let began = std::time::Instant::now();
    let hold = world.hold(lodging, 10, 2).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "a hold took {:?}",
        began.elapsed()
    );
    let path = format!("/api/v1/reservations/{}/payment-link", hold.code);
    let (answer, took) = timed(world.post(&path, Some(&hold.token), &json!({}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(took < Duration::from_secs(2), "a link took {took:?}");
    let link = world.link(&hold).await;
    let payment = world
        .provider
        .pay(&link, &Payment::approved().silent())
        .await
        .unwrap();
    let (status, took) = notify(world, payment).await;
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(1), "a notification took {took:?}");
    hold
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rabbitmq_guests_book_and_pay_and_the_rest_follows_when_it_is_back() {
    let world = World::start().await;
    world.rabbitmq.set(Fault::Refuse);
    wait_until(HEALS_WITHIN, async || {
        health_of(&world, "rabbitmq").await["status"] == "error"
    })
    .await;
    let page = world
        .call(reqwest::Method::GET, "/api/v1/healthz", None, None)
        .await;
    assert_eq!(
        (page.status, &page.body["status"]),
        (200, &json!("degraded")),
        "{page:?}"
    );

    let hold = books_without_events(&world).await;
    assert_ne!(world.waits_in_outbox().await, 0);

    world.rabbitmq.set(Fault::None);
    confirmed_in_time(&world, &hold).await;
    world.wait_until_at_rest().await;
    wait_until(HEALS_WITHIN, async || {
        health_of(&world, "rabbitmq").await["status"] == "ok"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_rabbitmq_slows_no_guest_and_no_notification() {
    let world = World::start().await;
    world.rabbitmq.set(Fault::Delay(Duration::from_secs(5)));

    let hold = books_without_events(&world).await;

    world.rabbitmq.set(Fault::None);
    confirmed_in_time(&world, &hold).await;
    world.wait_until_at_rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookings_go_through_a_flapping_rabbitmq() {
    let world = World::start().await;
    let flapping = async {
        loop {
            world.rabbitmq.set(Fault::Refuse);
            tokio::time::sleep(Duration::from_millis(500)).await;
            world.rabbitmq.set(Fault::None);
            world.advance(time::Duration::seconds(5)).await;
            tokio::time::sleep(Duration::from_millis(800)).await;
        }
    };
    book_through(&world, flapping).await;
}
