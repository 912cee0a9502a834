use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, answer};

async fn paid(world: &World) -> String {
    let preference = world.preference("bk-1", None).await;
    world.pay(&preference, json!({})).await["id"].to_string()
}

#[tokio::test]
async fn parts_and_then_the_rest_are_given_back() {
    let world = World::start().await;
    let id = paid(&world).await;
    let path = format!("/v1/payments/{id}/refunds");

    let (status, part) = world
        .post_with_key(&path, "key-1", json!({ "amount": 10000.25 }))
        .await;
    assert_eq!((status, part["amount"].to_string()), (201, "10000.25".to_owned()));
    assert_eq!(
        (&part["status"], &part["payment_id"].to_string()),
        (&json!("approved"), &id)
    );
    let (_, payment) = world.get(&format!("/v1/payments/{id}")).await;
    assert_eq!(
        (&payment["status"], &payment["status_detail"]),
        (&json!("approved"), &json!("partially_refunded"))
    );
    assert_eq!(payment["transaction_amount_refunded"].to_string(), "10000.25");

    let (_, rest) = world.post_with_key(&path, "key-2", json!({})).await;
    assert_eq!(rest["amount"].to_string(), "35000.25");
    let (_, payment) = world.get(&format!("/v1/payments/{id}")).await;
    assert_eq!(
        (&payment["status"], &payment["status_detail"]),
        (&json!("refunded"), &json!("refunded"))
    );
    assert_eq!(world.get(&path).await.1.as_array().unwrap().len(), 2);
    assert_eq!(
        world.get(&format!("{path}/{}", rest["id"])).await.1["id"],
        rest["id"]
    );
    assert_eq!(world.post_with_key(&path, "key-3", json!({})).await.0, 400);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_one_refund() {
    let world = World::start().await;
    let path = format!("/v1/payments/{}/refunds", paid(&world).await);
    let first = world.post_with_key(&path, "same", json!({ "amount": 10 })).await;
    let second = world.post_with_key(&path, "same", json!({ "amount": 10 })).await;
    assert_eq!(first, second);
    assert_eq!(world.get(&path).await.1.as_array().unwrap().len(), 1);
    assert_eq!(
        world
            .post_with_key(&path, "same", json!({ "amount": 11 }))
            .await
            .0,
        409
    );
    assert_eq!(world.post(&path, json!({})).await.0, 400, "the key is mandatory");
}

#[tokio::test]
async fn a_refund_in_process_ends_later() {
    let world = World::start().await;
    let id = paid(&world).await;
    let path = format!("/v1/payments/{id}/refunds");
    world
        .post(
            "/_control/mercadopago/refunds/next",
            json!({ "outcome": "in_process", "times": 2 }),
        )
        .await;
    assert_eq!(
        world.post_with_key(&path, "a", json!({})).await.0,
        400,
        "a contingency without the header"
    );

    let request = world
        .request(Method::POST, &path)
        .header("x-idempotency-key", "b");
    let (status, refund) = answer(
        request
            .header("X-Render-In-Process-Refunds", "true")
            .json(&json!({})),
    )
    .await;
    assert_eq!((status, &refund["status"]), (201, &json!("in_process")));
    assert_eq!(
        world.get(&format!("/v1/payments/{id}")).await.1["status"],
        "approved"
    );

    let ending = format!("/_control/mercadopago/refunds/{}", refund["id"]);
    let (_, payment) = world.post(&ending, json!({ "status": "approved" })).await;
    assert_eq!(payment["status"], "refunded");
}

#[tokio::test]
async fn the_totals_say_what_is_held() {
    let world = World::start().await;
    let id = paid(&world).await;
    world
        .post_with_key(
            &format!("/v1/payments/{id}/refunds"),
            "k",
            json!({ "amount": 0.5 }),
        )
        .await;
    let (_, totals) = world.get("/_control/mercadopago/totals").await;
    let expected: Value = json!([{
        "external_reference": "bk-1", "currency": "ARS", "approved": 45000.5, "refunded": 0.5, "held": 45000,
        "payments": [id.parse::<u64>().unwrap()],
    }]);
    assert_eq!(totals, expected);

    world
        .post(&format!("/_control/mercadopago/payments/{id}/refund"), json!({}))
        .await;
    assert_eq!(world.get("/_control/mercadopago/totals").await.1[0]["held"], 0);
}
