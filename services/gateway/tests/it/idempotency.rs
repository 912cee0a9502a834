//! The key is claimed where the effect is: the gateway passes it on as it came, and its answer back.

use serde_json::json;
use testkit::Answer;
use wiremock::ResponseTemplate;

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_arrives_as_it_was_sent_however_it_was_written() {
    let world = World::start().await;
    world.owners_say_yes().await;
    for keys in [
        vec!["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        vec!["\"8e03978e-40d5-43e8-bc93-6894a57f9324\""],
        vec!["\"unclosed"],
        vec![""],
        // Twice is malformed, and only the owner may say so.
        vec!["one", "two"],
        vec![],
    ] {
        for path in [
            "/api/v1/reservations",
            "/api/v1/reservations/pre-reserve",
            "/api/v1/reservations/RES1/payment-link",
        ] {
            let mut request = world.post(path, &json!({ "guests": 2 }));
            for key in &keys {
                request = request.header("idempotency-key", *key);
            }
            assert_eq!(Answer::to(request).await.status, 200);
            let asked = world.last_asked().await;
            let heard = asked.headers.get_all("idempotency-key").iter();
            let heard: Vec<&str> = heard.map(|value| value.to_str().unwrap()).collect();
            assert_eq!(heard, keys, "{path}");
            assert_eq!(asked.body, br#"{"guests":2}"#);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_arrives_with_the_headers_that_belong_to_it() {
    let world = World::start().await;
    let held = ResponseTemplate::new(201)
        .set_body_json(json!({ "code": "RES1" }))
        .insert_header("location", "/api/v1/reservations/RES1");
    let path = "/reservations/internal/v1/reservations";
    world.owner_answers("POST", path, held).await;
    let answer = Answer::to(world.post("/api/v1/reservations", &json!({}))).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/api/v1/reservations/RES1");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body, json!({ "code": "RES1" }));
    assert!(answer.header("ratelimit").starts_with("\"writes\""), "{answer:?}");
}
