//! When a service behind the gateway is away, slow or busy.

use std::time::{Duration, Instant};

use serde_json::json;
use service::settings::HttpSettings;
use storage::staff::Role;
use testkit::proxy::Fault;
use testkit::{Answer, Proxy};
use wiremock::ResponseTemplate;

use crate::world::{World, good_token};

/// A gateway whose way to `reservations` leads through a proxy.
async fn with_proxy() -> (World, Proxy, wiremock::MockServer) {
    let owner = wiremock::MockServer::start().await;
    let anything = wiremock::Mock::given(wiremock::matchers::any());
    anything
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .mount(&owner)
        .await;
    let (proxy, through) = Proxy::before(&owner.uri().parse().unwrap()).await;
    let variables = [("RESERVATIONS_URL", through.as_str())];
    let world = World::with(HttpSettings::for_tests(), &variables).await;
    (world, proxy, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_away_is_503_at_once_with_a_time_to_come_back() {
    let (world, proxy, _owner) = with_proxy().await;
    proxy.set(Fault::Refuse);
    for request in [
        world.get("/api/v1/accommodations"),
        world.post("/api/v1/reservations", &json!({})),
    ] {
        let began = Instant::now();
        let answer = Answer::to(request).await;
        assert_eq!(answer.problem(), (503, "temporarily_unavailable"));
        assert_eq!(answer.header("retry-after"), "2");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(!answer.text.contains("127.0.0.1"), "{answer:?}");
    }
    proxy.set(Fault::None);
    let back = Answer::to(world.get("/api/v1/accommodations")).await;
    assert_eq!(back.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_does_not_answer_in_time_is_504_and_the_others_go_on() {
    let (world, proxy, _owner) = with_proxy().await;
    world.owners_say_yes().await;
    proxy.set(Fault::Stall);
    let began = Instant::now();
    let stuck = async {
        let answer = Answer::to(world.get("/api/v1/accommodations")).await;
        (answer, began.elapsed())
    };
    let other = async {
        let answer = Answer::to(world.get("/api/v1/ical/export/5/secret.ics")).await;
        (answer, began.elapsed())
    };
    let ((stuck, stuck_for), (other, other_for)) = tokio::join!(stuck, other);
    assert_eq!(stuck.problem(), (504, "upstream_timed_out"));
    assert_eq!(stuck.header("retry-after"), "2");
    assert!(
        Duration::from_secs(4) < stuck_for && stuck_for < Duration::from_secs(7),
        "{stuck_for:?}"
    );
    assert_eq!(other.status, 200);
    assert!(other_for < Duration::from_secs(1), "{other_for:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_may_take_longer_to_be_read_than_other_questions_may() {
    let world = World::start().await;
    world
        .owners_answer(ResponseTemplate::new(200).set_delay(Duration::from_secs(6)))
        .await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let token = good_token(&host);
    let preview = world
        .post("/api/v1/admin/feeds/preview", &json!({}))
        .bearer_auth(&token);
    let list = world.get("/api/v1/admin/feeds").bearer_auth(&token);
    let (preview, list) = tokio::join!(Answer::to(preview), Answer::to(list));
    assert_eq!((preview.status, list.status), (200, 504));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_busy_says_so_in_its_own_words() {
    let world = World::start().await;
    let problem = json!({
        "type": "https://alojamientos.example/problems/temporarily-unavailable", "title": "Temporarily unavailable",
        "status": 503, "code": "temporarily_unavailable", "instance": "/requests/1", "retry_after": 7,
    });
    let busy = ResponseTemplate::new(503)
        .set_body_raw(problem.to_string(), "application/problem+json")
        .insert_header("retry-after", "7");
    world.owners_answer(busy).await;
    let answer = Answer::to(world.get("/api/v1/accommodations")).await;
    assert_eq!(answer.problem().0, 503);
    assert_eq!(answer.header("retry-after"), "7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_share_a_few_connections() {
    let (world, proxy, owner) = with_proxy().await;
    for _ in 0..100 {
        assert_eq!(Answer::to(world.get("/api/v1/accommodations")).await.status, 200);
    }
    assert!(100 <= owner.received_requests().await.unwrap().len());
    assert!(proxy.accepted() <= 2, "{} connections", proxy.accepted());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trace_of_the_caller_goes_on_behind_us() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = world.get("/api/v1/accommodations").header("traceparent", parent);
    assert_eq!(Answer::to(request).await.status, 200);
    let heard = world.last_asked().await;
    let heard = heard.headers["traceparent"].to_str().unwrap();
    assert!(
        heard.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"),
        "{heard}"
    );
    assert_ne!(heard, parent, "with a parent of our own");
}
