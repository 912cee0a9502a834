//! Notifications: each is a reason to look, and only what the provider then shows counts.

use futures_util::future::join_all;
use messaging::dead_letters;
use serde_json::{Value, json};
use storage::webhook_deliveries::Verdict;
use testkit::wait_until;

use crate::house::{House, SOON};

/// What waits in `alojamientos.dead`.
async fn dead(house: &House) -> u32 {
    let broker = house.broker();
    let counted = testkit::wait_for(SOON, async || dead_letters::count(&broker).await.ok()).await;
    broker.stop();
    counted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_of_every_shape_leads_to_its_payment() {
    let house = House::new().await;
    let _desk = house.open_without_jobs().await;

    // The signed webhook, and the IPN that anybody can send.
    for verdict in [Verdict::Authentic, Verdict::Hint] {
        let hold = house.hold().await;
        let payment = house.provider.pays(&hold.code, json!({})).await;
        let delivery = house.notified_of("payment", &payment, verdict, &json!({})).await;
        assert_eq!(house.outcome(delivery).await, "recorded");
        assert_eq!(house.payment(&payment, "found_by").await, "webhook");
        assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
    }

    // Chargebacks have ids beyond 2^53, which doubles would garble; claims and alerts have their own resources, too.
    let disputes = [
        (
            "chargeback",
            "topic_chargebacks_wh",
            "charged_back",
            "payment.disputed",
        ),
        (
            "claim",
            "topic_claims_integration_wh",
            "in_mediation",
            "payment.disputed",
        ),
        ("claim", "claim", "in_mediation", "payment.disputed"),
        (
            "fraud_alert",
            "stop_delivery_op_wh",
            "approved",
            "payment.approved",
        ),
    ];
    for (kind, topic, state, event) in disputes {
        let hold = house.hold().await;
        let payment = house.provider.pays(&hold.code, json!({})).await;
        let path = format!("/mercadopago/payments/{payment}/dispute");
        let dispute = house.provider.order(&path, &json!({ "kind": kind })).await;
        let resource = dispute["id"].to_string();
        if kind == "chargeback" {
            assert!((1_u64 << 53) < resource.parse().unwrap());
        }
        let number: Value = payment.parse::<u64>().unwrap().into();
        let body = json!({ "type": topic, "data": { "id": dispute["id"], "payment_id": number } });
        let delivery = house
            .notified_of(topic, &resource, Verdict::Authentic, &body)
            .await;
        assert_eq!(house.outcome(delivery).await, "recorded", "{topic}");
        assert_eq!(house.payment(&payment, "state").await, state, "{topic}");
        assert_eq!(house.announced(&hold.code).await, [event], "{topic}");
    }

    // A dispute that cannot be read, as its body names the payment.
    let hold = house.hold().await;
    let payment = house
        .provider
        .pays(&hold.code, json!({ "status": "charged_back" }))
        .await;
    let body = json!({ "data": { "id": 233_000_061_680_860_000_u64, "payment_id": payment } });
    let topic = "topic_chargebacks_wh";
    let delivery = house
        .notified_of(topic, "233000061680860000", Verdict::Authentic, &body)
        .await;
    assert_eq!(house.outcome(delivery).await, "recorded");
    assert_eq!(house.payment(&payment, "state").await, "charged_back");

    let delivery = house.notified("subscription_preapproval", "77").await;
    assert_eq!(house.outcome(delivery).await, "ignored");
    assert_eq!(dead(&house).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_order_leads_to_all_of_its_payments() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    for topic in ["merchant_order", "topic_merchant_order_wh"] {
        let hold = house.hold().await;
        assert_eq!(desk.link(&hold.code).await.status, 200);
        let preference = house.provider.preferences(&hold.code).await[0]["id"].clone();
        let path = format!("/mercadopago/preferences/{}/pay", preference.as_str().unwrap());
        let rejected = json!({ "decision": "reject", "notify": false });
        let rejected = house.provider.order(&path, &rejected).await["id"].to_string();
        let paid = house.provider.order(&path, &json!({ "notify": false })).await;
        let order = paid["order"]["id"].as_str().unwrap();
        let delivery = house.notified(topic, order).await;
        assert_eq!(house.outcome(delivery).await, "recorded");
        assert_eq!(house.payment(&paid["id"].to_string(), "state").await, "approved");
        assert_eq!(house.payment(&rejected, "state").await, "rejected");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulators_123456_is_looked_for_some_times_and_then_waits_for_a_person() {
    let house = House::new().await;
    let _desk = house.open_without_jobs().await;
    let delivery = house.notified("payment", "123456").await;
    assert_eq!(house.outcome(delivery).await, "not_found");
    wait_until(SOON, async || dead(&house).await == 1).await;
    assert_eq!(house.provider.asked("GET", "/v1/payments/123456").await.len(), 4);
    assert_eq!(house.number("SELECT count(*) FROM payments").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_of_what_does_not_exist_is_nobodys_matter() {
    let house = House::new().await;
    let _desk = house.open_without_jobs().await;
    let delivery = house
        .notified_of("payment", "123456", Verdict::Hint, &json!({}))
        .await;
    assert_eq!(house.outcome(delivery).await, "not_found");
    assert_eq!(house.provider.asked("GET", "/v1/payments/123456").await.len(), 1);
    assert_eq!(dead(&house).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_shows_itself_a_moment_after_its_notification_is_found() {
    let house = House::new().await;
    let _desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    let path = format!("/mercadopago/payments/{payment}/hide");
    house.provider.order(&path, &json!({ "reads": 2 })).await;
    let delivery = house.notified("payment", &payment).await;
    assert_eq!(house.outcome(delivery).await, "recorded");
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_notifications_at_once_have_one_effect() {
    let house = House::new().await;
    let _desks = (house.open_without_jobs().await, house.open_without_jobs().await);
    let hold = house.hold().await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    let sent = join_all((0..50).map(|_| house.notified("payment", &payment))).await;
    let outcomes = join_all(sent.into_iter().map(|delivery| house.outcome(delivery))).await;
    let of = |word: &str| outcomes.iter().filter(|outcome| *outcome == word).count();
    // On a busy machine the comparison that a service makes as it starts may be the first to see the payment.
    let recorded = of("recorded");
    assert!(
        recorded <= 1 && recorded + of("nothing_new") == 50,
        "{outcomes:?}"
    );
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
    assert_eq!(house.number("SELECT count(*) FROM payments").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_outlives_a_provider_that_is_away() {
    let house = House::new().await;
    let desk = house
        .open_with(&[
            ("PAYMENT_JOB_TICK_MILLISECONDS", "3600000"),
            ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "1"),
        ])
        .await;
    let hold = house.hold().await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    house
        .provider
        .fails("GET", "/v1/payments", 1_000, json!({ "status": 500 }))
        .await;
    house.notified("payment", &payment).await;
    // All tries are used up; the circuit is open by then.
    wait_until(SOON, async || desk.metric("provider_circuit_open").await > 0.5).await;
    let waiting = "SELECT count(*) FROM webhook_deliveries WHERE processed_at IS NULL";
    assert_eq!(house.number(waiting).await, 1);

    house.provider.heals().await;
    // `webhooks` tells again of what nobody has worked on.
    wait_until(SOON, async || {
        house.notified("payment", &payment).await;
        house.announced(&hold.code).await == ["payment.approved"]
    })
    .await;
    assert_eq!(dead(&house).await, 0);
}
