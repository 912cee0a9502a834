//! What is kept of `reservations`' answers about free nights, and when it is not given.

use serde_json::json;
use testkit::Answer;
use time::Duration;
use wiremock::ResponseTemplate;

use crate::world::World;

const MONTH: &str = "/api/v1/accommodations/5/availability?from=2026-12-01&to=2027-01-01";
const OWNERS: &str = "/reservations/internal/v1/accommodations/5/availability";

/// The owner says `answer` and nothing else.
async fn owner_says(world: &World, answer: ResponseTemplate) {
    world.owners.reset().await;
    world.owner_answers("GET", OWNERS, answer).await;
    world
        .owners_answer(ResponseTemplate::new(409).set_body_json(json!({})))
        .await;
}

async fn month(world: &World) -> (u16, String) {
    let answer = Answer::to(world.get(MONTH)).await;
    (answer.status, answer.text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_readers_at_once_cost_the_owner_one_answer_a_second() {
    let world = World::start().await;
    let slow = ResponseTemplate::new(200)
        .set_body_json(json!({ "nights": [1] }))
        .set_delay(std::time::Duration::from_millis(300));
    owner_says(&world, slow).await;
    let all = futures_util::future::join_all((0..100).map(|_| month(&world))).await;
    assert!(
        all.iter()
            .all(|answer| *answer == (200, "{\"nights\":[1]}".to_owned()))
    );
    assert_eq!(
        Answer::to(world.get("/api/v1/accommodations/5/availability?to=2027-01-01&from=2026-12-01"))
            .await
            .header("content-type"),
        "application/json",
        "the same question in another order"
    );
    assert_eq!(Answer::to(world.request("HEAD", MONTH)).await.text, "");
    assert_eq!(world.asked().await.len(), 1);

    owner_says(
        &world,
        ResponseTemplate::new(200).set_body_json(json!({ "nights": [] })),
    )
    .await;
    world.clock.advance(Duration::SECOND);
    assert_eq!(month(&world).await, (200, "{\"nights\":[]}".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_just_written_through_this_gateway_sees_how_it_is_now() {
    let world = World::start().await;
    for (number, path) in [
        "/api/v1/reservations",
        "/api/v1/reservations/pre-reserve",
        "/api/v1/reservations/RES1/cancel",
    ]
    .into_iter()
    .enumerate()
    {
        let before = ResponseTemplate::new(200).set_body_string(format!("before {number}"));
        owner_says(&world, before).await;
        assert_eq!(month(&world).await.1, format!("before {number}"));
        let after = ResponseTemplate::new(200).set_body_string("after");
        owner_says(&world, after).await;
        assert_eq!(month(&world).await.1, format!("before {number}"), "kept");
        // Refused: the nights are taken, and the guest is to see that they are.
        assert_eq!(Answer::to(world.post(path, &json!({}))).await.status, 409);
        assert_eq!(month(&world).await.1, "after", "{path}");
        world.clock.advance(Duration::SECOND);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_under_way_during_a_hold_is_not_given_after_it() {
    let world = World::start().await;
    let slow = ResponseTemplate::new(200)
        .set_body_string("before")
        .set_delay(std::time::Duration::from_millis(500));
    owner_says(&world, slow).await;
    let early = {
        let request = world.get(MONTH);
        tokio::spawn(Answer::to(request))
    };
    testkit::wait_until(std::time::Duration::from_secs(10), async || {
        !world.asked().await.is_empty()
    })
    .await;
    world.owners.reset().await;
    world
        .owner_answers("GET", OWNERS, ResponseTemplate::new(200).set_body_string("after"))
        .await;
    world
        .owners_answer(ResponseTemplate::new(201).set_body_json(json!({})))
        .await;
    assert_eq!(
        Answer::to(world.post("/api/v1/reservations", &json!({})))
            .await
            .status,
        201
    );
    assert_eq!(month(&world).await.1, "after");
    assert_eq!(early.await.unwrap().text, "before");
    assert_eq!(
        month(&world).await.1,
        "after",
        "the late answer is not kept for later"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_answers_are_kept_and_a_refusal_or_an_odd_question_reaches_the_owner_each_time() {
    let world = World::start().await;
    for status in [404, 422, 500, 503] {
        owner_says(&world, ResponseTemplate::new(status).set_body_string("no")).await;
        for _ in 0..2 {
            assert_eq!(month(&world).await.0, status);
        }
        assert_eq!(world.asked().await.len(), 2, "{status}");
    }
    owner_says(&world, ResponseTemplate::new(200).set_body_string("yes")).await;
    for query in [
        "",
        "?from=2026-12-01",
        "?from=2026-12-01&to=2027-01-01&x=1",
        "?from=2026-12-01&to=2026-13-01",
        "?from=2026-12-01&to=%32027-01-01",
        "?from=+026-12-01&to=2027-01-01",
    ] {
        let path = format!("/api/v1/accommodations/5/availability{query}");
        let before = world.asked().await.len();
        for _ in 0..2 {
            assert_eq!(Answer::to(world.get(&path)).await.status, 200, "{query}");
        }
        assert_eq!(world.asked().await.len() - before, 2, "{query}");
    }
    let before = world.asked().await.len();
    for _ in 0..2 {
        Answer::to(world.get(MONTH).bearer_auth("of-a-guest")).await;
    }
    assert_eq!(
        world.asked().await.len() - before,
        2,
        "whoever shows a token asks for itself"
    );
}
