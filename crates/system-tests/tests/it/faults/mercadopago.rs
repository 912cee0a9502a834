//! Mercado Pago down, slow, flapping: booking and holds go on, and the link comes later.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{wait_for, wait_until};

use super::{HEALS_WITHIN, book_through, confirmed_in_time, health_of, notify, paid_silently, timed};
use crate::world::World;
use crate::world::provider::Payment;

async fn trouble(world: &World, mut fault: Value) {
    fault["provider"] = json!("mercadopago");
    let (status, answer) = world.provider.order("/faults", &fault).await;
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_mercado_pago_nights_are_held_and_the_link_comes_later_by_itself() {
    let world = World::start().await;
    let lodging = world.lodging().await;
    trouble(&world, json!({ "status": 503, "times": 1_000_000 })).await;

    let hold = world.hold(lodging, 10, 2).await.unwrap();
    let path = format!("/api/v1/reservations/{}/payment-link", hold.code);
    let (answer, took) = timed(world.post(&path, Some(&hold.token), &json!({}))).await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (503, &json!("payment_link_later")),
        "{answer:?}"
    );
    assert!(
        answer.retry_after.is_some() && took < Duration::from_secs(6),
        "{answer:?} in {took:?}"
    );
    // The circuit opens, health tells, and nothing else is touched by it.
    wait_until(HEALS_WITHIN, async || {
        world.advance(time::Duration::seconds(10)).await;
        health_of(&world, "payments").await["status"] != "ok"
    })
    .await;
    assert_eq!(health_of(&world, "database").await["status"], "ok");
    assert_eq!(health_of(&world, "reservations").await["status"], "ok");

    world.provider.heal().await;
    let link = wait_for(HEALS_WITHIN, async || {
        world.advance(time::Duration::seconds(10)).await;
        world
            .events_of(&hold)
            .await
            .contains(&"payment.link_ready.v1".to_owned())
            .then_some(())
    });
    link.await;
    let link = world.link(&hold).await;
    world.provider.pay(&link, &Payment::approved()).await.unwrap();
    confirmed_in_time(&world, &hold).await;
    wait_until(HEALS_WITHIN, async || {
        health_of(&world, "payments").await["status"] == "ok"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_mercado_pago_a_notification_is_kept_and_looked_at_when_it_is_back() {
    let world = World::start().await;
    let (hold, payment) = paid_silently(&world).await;
    trouble(&world, json!({ "then": "close", "times": 1_000_000 })).await;

    let (status, took) = notify(&world, payment).await;
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(world.payments_of(&hold).await, []);

    world.provider.heal().await;
    confirmed_in_time(&world, &hold).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_mercado_pago_slows_nobody_who_does_not_need_it() {
    let world = World::start().await;
    let (waiting, payment) = paid_silently(&world).await;
    let lodging = world.lodging().await;
    trouble(&world, json!({ "delay_ms": 5_000, "times": 1_000_000 })).await;

    let body = |days: i64| {
        json!({
            "accommodation_id": lodging.0, "check_in": (crate::world::START.date() + time::Duration::days(days)).to_string(),
            "check_out": (crate::world::START.date() + time::Duration::days(days + 2)).to_string(), "guests": 2,
            "contact_name": "Ana", "contact_email": "slow@example.com",
        })
    };
    let (held, took) = timed(world.post("/api/v1/reservations", None, &body(20))).await;
    assert_eq!(held.status, 201, "{held:?}");
    assert!(took < Duration::from_secs(1), "a hold took {took:?}");
    let (status, took) = notify(&world, payment).await;
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(1), "a notification took {took:?}");
    let path = format!(
        "/api/v1/reservations/{}/payment-link",
        held.body["code"].as_str().unwrap()
    );
    let (answer, took) = timed(world.post(&path, held.body["access_token"].as_str(), &json!({}))).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        took < Duration::from_secs(6),
        "a guest waited {took:?} for \"later\""
    );

    world.provider.heal().await;
    confirmed_in_time(&world, &waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookings_go_through_a_flapping_mercado_pago() {
    let world = World::start().await;
    let flapping = async {
        loop {
            trouble(
                &world,
                json!({ "status": 500, "times": 1_000, "after_effect": true }),
            )
            .await;
            tokio::time::sleep(Duration::from_millis(400)).await;
            world.provider.heal().await;
            world.advance(time::Duration::seconds(5)).await;
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    };
    book_through(&world, flapping).await;
}
