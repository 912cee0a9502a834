use reqwest::Method;
use serde_json::json;

use crate::world::{World, answer};

#[tokio::test]
async fn a_payment_is_read_with_its_exact_amount_and_its_fields() {
    let world = World::start().await;
    let preference = world.preference("bk-17", None).await;
    let made = world.pay(&preference, json!({})).await;
    let (status, payment) = world.get(&format!("/v1/payments/{}", made["id"])).await;

    assert_eq!(status, 200);
    assert_eq!(payment["transaction_amount"].to_string(), "45000.5");
    assert_eq!(payment["transaction_amount_refunded"].to_string(), "0");
    let expected = json!({
        "status": "approved", "status_detail": "accredited", "external_reference": "bk-17", "currency_id": "ARS",
        "collector_id": 2_079_614_828, "operation_type": "regular_payment", "refunds": [],
        "date_created": "2026-03-01T08:00:00.000-04:00", "metadata": { "booking_code": "bk-17" },
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&payment[name], value, "{name}");
    }
    assert!(payment["id"].is_u64() && payment["order"]["id"].is_string());
}

#[tokio::test]
async fn search_finds_payments_by_reference_page_by_page() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let first = world.pay(&preference, json!({ "decision": "reject" })).await;
    let second = world.pay(&preference, json!({ "decision": "approve" })).await;
    let other = world.preference("bk-2", None).await;
    world.pay(&other, json!({})).await;

    let (_, body) = world.get("/v1/payments/search?external_reference=bk-1").await;
    assert_eq!(body["paging"], json!({ "total": 2, "limit": 30, "offset": 0 }));
    assert_eq!(
        (&body["results"][0]["id"], &body["results"][1]["id"]),
        (&first["id"], &second["id"])
    );

    let (_, body) = world
        .get("/v1/payments/search?external_reference=bk-1&limit=1&offset=1")
        .await;
    assert_eq!(body["paging"], json!({ "total": 2, "limit": 1, "offset": 1 }));
    assert_eq!(body["results"][0]["status"], "approved");

    let query = "/v1/payments/search?range=date_created&begin_date=NOW-1HOUR&end_date=NOW&status=rejected";
    assert_eq!(world.get(query).await.1["paging"]["total"], 1);
}

#[tokio::test]
async fn only_open_payments_can_be_cancelled() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let pending = world.pay(&preference, json!({ "decision": "pending" })).await;
    assert_eq!(pending["status_detail"], "pending_waiting_transfer");
    let path = format!("/v1/payments/{}", pending["id"]);
    let cancel = || {
        answer(
            world
                .request(Method::PUT, &path)
                .json(&json!({ "status": "cancelled" })),
        )
    };
    let (status, body) = cancel().await;
    assert_eq!(
        (status, &body["status"], &body["status_detail"]),
        (200, &json!("cancelled"), &json!("by_collector"))
    );
    assert_eq!(cancel().await.0, 400);
}

#[tokio::test]
async fn a_payment_can_be_not_yet_there() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let made = world.pay(&preference, json!({ "hidden_reads": 2 })).await;
    let path = format!("/v1/payments/{}", made["id"]);
    let statuses = [
        world.get(&path).await.0,
        world.get(&path).await.0,
        world.get(&path).await.0,
    ];
    assert_eq!(statuses, [404, 404, 200]);
    let (status, body) = world.get("/v1/payments/123456").await;
    assert_eq!((status, &body["cause"][0]["code"]), (404, &json!(2000)));
}

#[tokio::test]
async fn a_test_makes_and_changes_any_payment() {
    let world = World::start().await;
    let made = json!({
        "external_reference": "bk-9", "transaction_amount": 0.01, "currency_id": "USD", "collector_id": 7,
        "operation_type": "card_validation", "date_approved": "2026-03-01T12:31:00Z", "notify": false,
    });
    let (status, payment) = world.post("/_control/mercadopago/payments", made).await;
    assert_eq!(
        (status, payment["transaction_amount"].to_string()),
        (201, "0.01".to_owned())
    );
    assert_eq!(payment["date_approved"], "2026-03-01T08:31:00.000-04:00");

    let path = format!("/_control/mercadopago/payments/{}", payment["id"]);
    let (_, changed) = world.post(&path, json!({ "status": "seen_by_nobody" })).await;
    assert_eq!(
        (&changed["status"], &changed["currency_id"]),
        (&json!("seen_by_nobody"), &json!("USD"))
    );
    assert_eq!(world.post(&path, json!({ "statsu": "approved" })).await.0, 400);
}

#[tokio::test]
async fn the_payments_of_a_preference_share_an_order() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    let made = world.pay(&preference, json!({ "decision": "reject" })).await;
    world.pay(&preference, json!({})).await;
    let order = made["order"]["id"].as_str().unwrap();
    let (status, body) = world.get(&format!("/merchant_orders/{order}")).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["status"], &body["paid_amount"]),
        (&json!("closed"), &json!(45000.5))
    );
    assert_eq!(body["payments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn disputes_change_the_payment_and_can_be_read() {
    let world = World::start().await;
    let preference = world.preference("bk-1", None).await;
    for (kind, status, read) in [
        ("chargeback", "charged_back", "/v1/chargebacks"),
        ("claim", "in_mediation", "/post-purchase/v1/claims"),
    ] {
        let made = world.pay(&preference, json!({})).await;
        let path = format!("/_control/mercadopago/payments/{}/dispute", made["id"]);
        let (_, dispute) = world.post(&path, json!({ "kind": kind })).await;
        assert_eq!(
            world.get(&format!("/v1/payments/{}", made["id"])).await.1["status"],
            status
        );
        let (code, body) = world.get(&format!("{read}/{}", dispute["id"])).await;
        assert_eq!((code, &body["id"]), (200, &dispute["id"]));
    }
}
