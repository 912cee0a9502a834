//! Comparing with the provider: what differs is found, repaired if it is certain, and put before a person if not.

use serde_json::json;
use testkit::{Answer, wait_until};

use crate::desk::Desk;
use crate::house::{House, SOON};

async fn compared(desk: &Desk, since: &str) -> Answer {
    desk.staff_post("/admin/payments/reconcile", &json!({ "since": since }))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_notifications_are_found_repaired_and_counted() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let (known, unknown) = (house.hold().await, house.hold().await);
    let stale = house
        .provider
        .pays(&known.code, json!({ "status": "pending" }))
        .await;
    house.notified("payment", &stale).await;
    house.known(&stale).await;
    house.advance(time::Duration::minutes(1)).await;
    house
        .provider
        .changes(&stale, json!({ "status": "approved" }))
        .await;
    let missing = house.provider.pays(&unknown.code, json!({})).await;
    let stray = house.provider.pays("bk-17", json!({})).await;
    // The comparison at start may have seen the first payment before its notification came.
    let (differences, polled) = (
        desk.count_so_far("reconciliation_differences_total").await,
        desk.count_so_far("payments_found_total{found_by=\"poll\"").await,
    );

    let found = compared(&desk, "2026-03-01T11:00:00Z").await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(
        found.body,
        json!({
            "compared": 3,
            "repaired": [
                { "provider_payment_id": stale, "missing": false, "now": "approved" },
                { "provider_payment_id": missing, "missing": true, "now": "approved" },
            ],
            "parked": [{ "provider_payment_id": stray, "missing": true, "now": "unknown_reservation" }],
            "failed": [],
        })
    );
    assert_eq!(
        house.announced(&known.code).await,
        ["payment.pending", "payment.approved"]
    );
    assert_eq!(house.announced(&unknown.code).await, ["payment.approved"]);
    assert_eq!(
        desk.count("reconciliation_differences_total").await,
        differences + 3
    );
    assert_eq!(
        desk.count("payments_found_total{found_by=\"poll\"").await,
        polled + 2
    );

    let again = compared(&desk, "2026-02-20T11:00:00Z").await.body;
    assert_eq!((&again["compared"], &again["repaired"]), (&json!(3), &json!([])));
    assert_eq!(again["parked"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_cannot_be_read_is_named_and_the_others_are_compared() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let (ill, well) = (house.hold().await, house.hold().await);
    let broken = house.provider.pays(&ill.code, json!({})).await;
    house.provider.pays(&well.code, json!({})).await;
    let path = format!("/v1/payments/{broken}");
    house
        .provider
        .fails("GET", &path, 10, json!({ "status": 200, "body": "what?" }))
        .await;
    let found = compared(&desk, "2026-03-01T11:00:00Z").await.body;
    assert_eq!(found["failed"], json!([broken]));
    assert_eq!(found["repaired"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_is_said_and_not_taken_for_an_empty_one() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    house
        .provider
        .fails("GET", "/v1/payments/search", 100, json!({ "status": 500 }))
        .await;
    let away = compared(&desk, "2026-03-01T11:00:00Z").await;
    assert_eq!(away.problem(), (503, "provider_unavailable"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_finds_what_no_notification_and_no_open_link_tells() {
    let house = House::new().await;
    let hold = house.hold().await;
    house.provider.pays(&hold.code, json!({})).await;
    let _desk = house.open().await;
    wait_until(SOON, async || {
        house.announced(&hold.code).await == ["payment.approved"]
    })
    .await;
}
