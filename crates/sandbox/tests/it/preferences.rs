use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, answer, preference};

#[tokio::test]
async fn a_preference_is_created_with_and_without_a_trailing_slash() {
    let world = World::start().await;
    for path in ["/checkout/preferences", "/checkout/preferences/"] {
        let (status, body) = world.post(path, preference("bk-17", None)).await;
        assert_eq!(status, 201, "{body}");
        let id = body["id"].as_str().unwrap();
        let link = format!("{}/checkout/v1/redirect?pref_id={id}", world.running.url);
        assert_eq!(body["init_point"], link);
        assert_eq!(body["sandbox_init_point"], link);
        assert_eq!(body["collector_id"], 2_079_614_828);
        assert_eq!(body["date_created"], "2026-03-01T08:00:00.000-04:00");
        assert_eq!(body["items"][0]["unit_price"], 45000.5);

        let (status, read) = world.get(&format!("/checkout/preferences/{id}")).await;
        assert_eq!((status, &read["id"]), (200, &body["id"]));
    }
}

#[tokio::test]
async fn a_changed_preference_keeps_what_was_not_named() {
    let world = World::start().await;
    let id = world.preference("bk-1", None).await;
    let change = json!({ "expiration_date_to": "2026-03-01T10:00:00.000-03:00" });
    let (status, body) = answer(
        world
            .request(Method::PUT, &format!("/checkout/preferences/{id}"))
            .json(&change),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(body["expiration_date_to"], "2026-03-01T10:00:00.000-03:00");
    assert_eq!(body["external_reference"], "bk-1");
}

#[tokio::test]
async fn an_impossible_preference_is_refused_in_the_shape_of_mercado_pago() {
    let world = World::start().await;
    let without = |field: &str| {
        let mut body = preference("bk-1", None);
        body.as_object_mut().unwrap().remove(field);
        body
    };
    let with = |pointer: &str, value: Value| {
        let mut body = preference("bk-1", None);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let cases = [
        (without("items"), "invalid_items"),
        (with("/items", json!([])), "invalid_items"),
        (with("/items/0/title", json!("")), "invalid_items"),
        (with("/items/0/quantity", json!(0)), "invalid_items"),
        (with("/items/0/unit_price", json!(-1)), "invalid_items"),
        (with("/items/0/currency_id", json!("XXX")), "invalid_items"),
        (without("back_urls"), "invalid_auto_return"),
        (with("/auto_return", json!("always")), "invalid_auto_return"),
        (
            with("/expiration_date_to", json!("2026-03-01T08:00:00.000-03:00")),
            "invalid_expiration_date_to",
        ),
        (with("/expiration_date_from", json!("tomorrow")), "bad_request"),
        (
            with("/notification_url", json!("not a url")),
            "invalid_notification_url",
        ),
    ];
    for (body, error) in cases {
        let (status, answer) = world.post("/checkout/preferences", body.clone()).await;
        assert_eq!(
            (status, &answer["error"], &answer["status"]),
            (400, &json!(error), &json!(400)),
            "{body}"
        );
        assert!(
            answer["message"].is_string() && answer["cause"][0]["description"].is_string(),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn only_a_right_token_is_let_in() {
    let mut options = crate::world::options();
    options.mercadopago.access_token = Some("right".into());
    let world = World::with(options).await;
    for (token, status) in [
        ("Bearer right", 404),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        ("right", 401),
    ] {
        let request = world
            .client
            .get(world.url("/v1/payments/1"))
            .header("authorization", token);
        assert_eq!(answer(request).await.0, status, "{token}");
    }
    assert_eq!(answer(world.client.get(world.url("/v1/payments/1"))).await.0, 401);
}
