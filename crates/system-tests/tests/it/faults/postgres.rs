//! PostgreSQL down, slow, flapping: 503 with `Retry-After` in under a second, and webhooks are kept.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use testkit::proxy::Fault;
use testkit::wait_until;

use super::{HEALS_WITHIN, book_through, confirmed_in_time, health_of, notify, paid_silently, timed};
use crate::world::guest::Answer;
use crate::world::{Service, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgresql_a_guest_hears_503_within_a_second_and_a_paid_notification_is_kept() {
    let world = World::start().await;
    let (hold, payment) = paid_silently(&world).await;
    world.postgres.set(Fault::Refuse);

    let path = format!("/api/v1/reservations/{}", hold.code);
    let asked = [
        timed(world.call(Method::GET, &path, Some(&hold.token), None)).await,
        timed(world.call(Method::GET, "/api/v1/accommodations", None, None)).await,
        timed(world.cancel(&hold)).await,
        timed(world.post(&format!("{path}/payment-link"), Some(&hold.token), &json!({}))).await,
    ];
    for (answer, took) in asked {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.retry_after.is_some(), "{answer:?}");
        assert!(took < Duration::from_secs(1), "{answer:?} took {took:?}");
    }
    let (status, took) = notify(&world, payment).await;
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(2), "{took:?}");
    says_that_the_database_is_away(&world).await;

    world.postgres.set(Fault::None);
    confirmed_in_time(&world, &hold).await;
    assert_eq!(world.payments_of(&hold).await[0].found_by.as_str(), "webhook");
    wait_until(HEALS_WITHIN, async || {
        health_of(&world, "database").await["status"] == "ok"
    })
    .await;
}

/// The system is unhealthy and says why without an address; every process is alive and ready.
async fn says_that_the_database_is_away(world: &World) {
    let (page, took): (Answer, Duration) =
        timed(world.call(Method::GET, "/api/v1/healthz", None, None)).await;
    assert_eq!(
        (page.status, &page.body["status"]),
        (503, &json!("unhealthy")),
        "{page:?}"
    );
    assert!(took < Duration::from_millis(1_500), "{took:?}");
    let check = &page.body["checks"]["database"];
    assert_eq!(check["status"], "error");
    let words = check["error"].as_str().unwrap();
    assert!(
        !words.contains("127.0.0.1") && !words.contains("password"),
        "{words}"
    );
    assert!(check["since"].is_string(), "{check}");
    for service in Service::ALL {
        for probe in ["livez", "readyz"] {
            let answer = world
                .client
                .get(format!("{}/{probe}", world.url_of(service)))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200, "{} {probe}", service.name());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_postgresql_makes_nobody_wait_longer_than_the_deadlines_and_loses_no_notification() {
    let world = World::start().await;
    let (hold, payment) = paid_silently(&world).await;
    world.postgres.set(Fault::Delay(Duration::from_secs(5)));

    let path = format!("/api/v1/reservations/{}", hold.code);
    let (answer, took) = timed(world.call(Method::GET, &path, Some(&hold.token), None)).await;
    assert!([503, 504].contains(&answer.status), "{answer:?}");
    assert!(answer.retry_after.is_some(), "{answer:?}");
    assert!(took < Duration::from_secs(6), "{answer:?} took {took:?}");
    let (status, took) = notify(&world, payment).await;
    assert_eq!(status, 200);
    assert!(took < Duration::from_secs(4), "a notification took {took:?}");
    let (page, took) = timed(world.call(Method::GET, "/api/v1/healthz", None, None)).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(
        took < Duration::from_millis(2_500),
        "the health page took {took:?}"
    );

    world.postgres.set(Fault::None);
    confirmed_in_time(&world, &hold).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookings_go_through_a_flapping_postgresql() {
    let world = World::start().await;
    let flapping = async {
        loop {
            world.postgres.set(Fault::Refuse);
            tokio::time::sleep(Duration::from_millis(300)).await;
            world.postgres.set(Fault::None);
            world.advance(time::Duration::seconds(5)).await;
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
    };
    book_through(&world, flapping).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgresql_and_rabbitmq_a_notification_is_refused_so_that_it_comes_again() {
    let world = World::start().await;
    let (hold, payment) = paid_silently(&world).await;
    world.postgres.set(Fault::Refuse);
    world.rabbitmq.set(Fault::Refuse);

    // The first attempts may fall into the moment before anybody has noticed.
    wait_until(HEALS_WITHIN, async || notify(&world, payment).await.0 == 503).await;
    let (_, took) = notify(&world, payment).await;
    assert!(took < Duration::from_secs(5), "{took:?}");

    world.postgres.set(Fault::None);
    world.rabbitmq.set(Fault::None);
    wait_until(HEALS_WITHIN, async || notify(&world, payment).await.0 == 200).await;
    confirmed_in_time(&world, &hold).await;
}
