//! Starting: without credentials all else runs, and no secret is ever in a log.

use serde_json::json;
use testkit::wait_until;

use crate::house::{House, SOON};
use crate::provider::ACCESS_TOKEN;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credentials_the_service_is_healthy_and_refuses_clearly() {
    let house = House::new().await;
    let desk = house.open_with(&[("MERCADOPAGO_ACCESS_TOKEN", "")]).await;
    let hold = house.hold().await;
    wait_until(SOON, async || {
        desk.probe("/healthz").await.body["status"] == "healthy"
    })
    .await;
    let refused = desk.link(&hold.code).await;
    assert_eq!(refused.problem(), (503, "not_configured"));
    let since = json!({ "since": "2026-03-01T11:00:00Z" });
    let refused = desk.staff_post("/admin/payments/reconcile", &since).await;
    assert_eq!(refused.problem(), (503, "not_configured"));
    // What waits for the provider waits, and is not lost.
    house.notified("payment", "1").await;
    let events = "SELECT count(*) FROM outbox_events WHERE published_at IS NULL";
    wait_until(SOON, async || house.number(events).await == 0).await;
    let unprocessed = "SELECT count(*) FROM webhook_deliveries WHERE processed_at IS NULL";
    assert_eq!(house.number(unprocessed).await, 1);
    let said = telemetry::logs::captured();
    let said = said
        .iter()
        .filter(|line| line.contains("MERCADOPAGO_ACCESS_TOKEN is not set"));
    assert_eq!(said.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_a_log_whatever_goes_wrong() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    for fault in [
        json!({ "status": 401 }),
        json!({ "status": 400 }),
        json!({ "status": 500 }),
        json!({ "then": "close" }),
        json!({ "status": 200, "body": "what?" }),
    ] {
        house.provider.fails("POST", "/checkout", 4, fault.clone()).await;
        house.provider.fails("GET", "/v1/payments", 4, fault).await;
        desk.link(&hold.code).await;
        let payment = house.provider.pays(&hold.code, json!({})).await;
        house.notified("payment", &payment).await;
        house.advance(time::Duration::minutes(1)).await;
        house.provider.heals().await;
    }
    let log = telemetry::logs::captured();
    assert!(10 < log.len());
    for line in log {
        for secret in [
            ACCESS_TOKEN,
            crate::house::TOKEN,
            crate::house::GUEST,
            "Bearer",
            "amqp://",
            "postgres://",
        ] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
