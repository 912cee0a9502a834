use std::net::IpAddr;

use sandbox::{Options, StartError};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_next_calls_fail_as_ordered_and_then_all_is_well() {
    let world = World::start().await;
    let id = world.preference("bk-1", None).await;
    let fault = json!({
        "provider": "mercadopago", "path": "/checkout/preferences/", "times": 2, "status": 429,
        "headers": { "Retry-After": "7" },
    });
    assert_eq!(world.post("/_control/faults", fault).await.0, 204);
    let path = format!("/checkout/preferences/{id}");
    let response = world.request(reqwest::Method::GET, &path).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["status"], 429);
    assert_eq!([world.get(&path).await.0, world.get(&path).await.0], [429, 200]);
}

#[tokio::test]
async fn a_cut_connection_after_the_work_leaves_the_caller_in_doubt() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let id = world.pay(&preference, json!({})).await["id"].to_string();
    let path = format!("/v1/payments/{id}/refunds");
    let fault = json!({ "method": "POST", "path": "/refunds", "then": "close", "after_effect": true });
    world.post("/_control/faults", fault).await;

    let request = world
        .request(reqwest::Method::POST, &path)
        .header("x-idempotency-key", "k")
        .json(&json!({}));
    assert!(request.send().await.is_err(), "no answer comes");
    assert_eq!(
        world.get(&path).await.1.as_array().unwrap().len(),
        1,
        "the refund was made"
    );
    assert_eq!(
        world.post_with_key(&path, "k", json!({})).await.0,
        201,
        "the same key gets the answer"
    );
    assert_eq!(world.get(&path).await.1.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_asked_is_on_record() {
    let world = World::start().await;
    world.preference("bk-1", None).await;
    let (_, received) = world
        .get("/_control/received?provider=mercadopago&method=POST")
        .await;
    assert_eq!(received.as_array().unwrap().len(), 1);
    assert_eq!(
        (&received[0]["path"], &received[0]["status"]),
        (&json!("/checkout/preferences"), &json!(201))
    );
    assert!(received[0]["body"].as_str().unwrap().contains("bk-1"));
    let headers = received[0]["headers"].to_string();
    assert!(headers.contains("Bearer TEST-token"), "{headers}");
}

#[tokio::test]
async fn a_reset_forgets_and_gives_no_id_twice() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let before = world.pay(&preference, json!({})).await["id"].as_u64().unwrap();
    assert_eq!(world.post("/_control/reset", json!({})).await.0, 204);
    assert_eq!(world.get(&format!("/v1/payments/{before}")).await.0, 404);
    let preference = world.preference("bk-1", None).await;
    assert!(before < world.pay(&preference, json!({})).await["id"].as_u64().unwrap());
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = Options {
        host: IpAddr::from([0, 0, 0, 0]),
        ..Options::default()
    };
    assert!(matches!(
        sandbox::start(options).await,
        Err(StartError::NotLoopback(_))
    ));
}
