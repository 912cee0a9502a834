//! What the logs say of guests: nothing.

use serde_json::json;
use testkit::wait_until;

use crate::house::{ACCESS_TOKEN, GUEST_TOKEN_SECRET, House, PHONE, SOON};
use crate::replica::Replica;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_number_text_or_token_is_in_the_logs() {
    telemetry::for_tests();
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    for fault in [
        json!({ "provider": "whatsapp", "status": 500 }),
        json!({ "provider": "whatsapp", "code": 131_026, "body": { "error": {
            "code": 131_026, "message": format!("(#131026) {PHONE}"), "error_data": { "details": PHONE } } } }),
    ] {
        house.order("/faults", fault).await;
    }
    house
        .order(
            "/whatsapp/guest",
            json!({ "from": PHONE, "name": "Lucía", "text": "mi secreto" }),
        )
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;
    let first = house.stay("confirmed").await;
    house.announce_confirmed(&first).await;
    wait_until(SOON, async || {
        house.messages().await.iter().any(|row| row.attempts == 1)
    })
    .await;
    wait_until(SOON, async || {
        house.messages().await.iter().any(|row| row.state == "queued")
    })
    .await;
    house.wait(time::Duration::minutes(1)).await;
    house.wait_for_state("failed").await;
    let second = house.stay("confirmed").await;
    house.announce_confirmed(&second).await;
    house.wait_for_state("read").await;

    let lines = telemetry::logs::captured().join("\n");
    let calls = house.calls().await;
    let last = calls.last().unwrap().to_string();
    let token: String = last.split('#').nth(1).unwrap().chars().take(22).collect();
    for secret in [
        PHONE,
        "Lucía",
        "Fernández",
        "mi secreto",
        ACCESS_TOKEN,
        GUEST_TOKEN_SECRET,
        &token,
    ] {
        assert!(!lines.contains(secret), "{secret} in {lines}");
    }
    assert!(lines.contains("a message to a guest was given up"), "{lines}");
    assert!(lines.contains(&second.code), "{lines}");
}
