//! Money that goes back: once, whole or in parts, followed to its end, or put before a person.

mod wanted;

use futures_util::future::join_all;
use serde_json::{Value, json};
use storage::payments::{self as stored, Resolution};
use testkit::{wait_for, wait_until};
use uuid::Uuid;

use crate::house::{Hold, House, SOON};

/// A hold that is paid, confirmed and known; the provider's id of the payment and ours.
async fn paid(house: &House) -> (Hold, String, Uuid) {
    let hold = house.hold().await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    house.notified("payment", &payment).await;
    let id = house.known(&payment).await;
    judged(house, id, Resolution::Confirmed).await;
    (hold, payment, id)
}

/// What `reservations` notes when it has judged a payment.
async fn judged(house: &House, payment: Uuid, resolution: Resolution) {
    let mut conn = house.database.conn().await;
    stored::resolve(&mut conn, payment, resolution, house.clock.now())
        .await
        .unwrap();
}

/// The states of a payment's refunds, oldest first.
async fn states(house: &House, payment: Uuid) -> Vec<String> {
    house
        .words(&format!(
            "SELECT state FROM refunds WHERE payment_id = '{payment}' ORDER BY created_at, id"
        ))
        .await
}

async fn refund_ids(house: &House) -> Vec<String> {
    house
        .words("SELECT id FROM refunds ORDER BY created_at, id")
        .await
}

/// The provider's id of the one refund there is.
async fn at_provider(house: &House) -> String {
    let query = "SELECT provider_refund_id FROM refunds WHERE provider_refund_id IS NOT NULL";
    wait_for(SOON, async || house.words(query).await.pop()).await
}

/// Moves the clock until `states` of the payment are `expected`.
async fn until(house: &House, payment: Uuid, expected: &[&str]) {
    wait_until(SOON, async || {
        house.advance(time::Duration::seconds(1)).await;
        states(house, payment).await == expected
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_of_the_house_gives_all_of_a_payment_back() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, payment, id) = paid(&house).await;
    let accepted = desk.refund(id, None).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    assert_eq!(accepted.body["amount"]["amount"], "300.00");
    until(&house, id, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(0));
    let asked = house.provider.asked("POST", "/refunds").await;
    assert_eq!(asked[0]["body"], "{}");
    assert_eq!(
        house.provider.keys("POST", "/refunds").await,
        refund_ids(&house).await
    );
    assert_eq!(
        house.announced(&hold.code).await,
        ["payment.approved", "payment.refunded"]
    );
    assert_eq!(house.payment(&payment, "state").await, "refunded");
    assert_eq!(house.story(&hold).await, ["refund_requested"]);
    assert_eq!(desk.refund(id, None).await.problem(), (409, "not_refundable"));

    let shown = desk.staff_get(&format!("/admin/payments/{id}")).await.body;
    assert_eq!(shown["refunds"][0]["state"], "done");
    assert_eq!(shown["refunds"][0]["actor"], "staff:eva@house.example");
    assert_eq!(shown["payment"]["refunded"]["amount"], "300.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_go_back_up_to_the_whole_and_never_beyond() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, _, id) = paid(&house).await;
    for (amount, refused) in [
        ("0.00", true),
        ("300.01", true),
        ("100.50", false),
        ("199.51", true),
    ] {
        let answer = desk.refund(id, Some(amount)).await;
        assert_eq!(answer.status == 409, refused, "{amount}: {}", answer.text);
    }
    until(&house, id, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(199.5));

    // Ten at once over what is enough for three.
    let answers = join_all((0..10).map(|_| desk.refund(id, Some("60.00")))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(accepted, 3);
    until(&house, id, &["done", "done", "done", "done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(19.5));
    let bodies = house.provider.asked("POST", "/refunds").await;
    assert_eq!(bodies[0]["body"], r#"{"amount":100.50}"#);
    assert_eq!(house.provider.keys("POST", "/refunds").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_for_others_is_asked_to_come_again() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let (_, _, id) = paid(&house).await;
    let owing = house.hold().await;
    assert_eq!(desk.link(&owing.code).await.status, 200);
    let payment = house.database.locked("SELECT FROM payments FOR UPDATE").await;
    let link = house
        .database
        .locked("SELECT FROM payment_links FOR UPDATE")
        .await;
    let (refund, decision, payment_link) = tokio::join!(
        desk.refund(id, None),
        desk.resolve(id, "dismiss", None),
        desk.link(&owing.code)
    );
    for answer in [refund, decision, payment_link] {
        assert_eq!(answer.problem(), (503, "temporarily_unavailable"));
        assert_eq!(answer.header("retry-after"), "2");
    }
    drop((payment, link));
    assert_eq!(desk.refund(id, None).await.status, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_comes_twice_gives_back_once() {
    let house = House::new().await;
    let desk = house.open().await;
    let (_, _, id) = paid(&house).await;
    let path = format!("/admin/payments/{id}/refunds");
    let body = json!({ "amount": { "amount": "50.00", "currency": "ARS" }, "reason": "ruido" });
    let twenty = (0..20).map(|_| desk.staff_post_with_key(&path, "one key", &body));
    let answers = join_all(twenty).await;
    let accepted: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer.status == 202)
        .map(|answer| &answer.body)
        .collect();
    assert!(accepted.iter().all(|body| *body == accepted[0]));
    assert!(answers.iter().all(|answer| [202, 409].contains(&answer.status)));
    until(&house, id, &["done"]).await;
    let other = json!({ "reason": "otra cosa" });
    let reused = desk.staff_post_with_key(&path, "one key", &other).await;
    assert_eq!(reused.problem(), (422, "idempotency_key_reused"));
    for reason in [" ", "a\u{0}", &"ñ".repeat(501)] {
        let answer = desk.staff_post(&path, &json!({ "reason": reason })).await;
        assert_eq!(answer.refusal(), (422, "invalid_request", "reason"));
    }
    let long = json!({ "amount": body["amount"], "reason": "ñ".repeat(500) });
    assert_eq!(desk.staff_post(&path, &long).await.status, 202);
    let unknown = format!("/admin/payments/{}/refunds", Uuid::new_v4());
    assert_eq!(
        desk.staff_post(&unknown, &body).await.problem(),
        (404, "payment_not_found")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_makes_no_second_refund() {
    let house = House::new().await;
    let desk = house.open_with(&[
        ("PAYMENT_JOB_TICK_MILLISECONDS", "30"),
        ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "0"),
    ]);
    let desk = desk.await;
    let faults = [
        json!({ "status": 500, "after_effect": true }),
        json!({ "then": "close", "after_effect": true }),
        json!({ "status": 423 }),
        json!({ "status": 429 }),
        json!({ "status": 401 }),
        json!({ "status": 409, "after_effect": true }),
    ];
    for fault in faults {
        let (hold, _, id) = paid(&house).await;
        // More than one call repeats by itself: the service must come back with the same key.
        house.provider.fails("POST", "/refunds", 6, fault.clone()).await;
        let before = house.provider.keys("POST", "/refunds").await.len();
        assert_eq!(desk.refund(id, Some("100.00")).await.status, 202);
        wait_until(SOON, async || {
            house.advance(time::Duration::seconds(60)).await;
            states(&house, id).await == ["done"]
        })
        .await;
        house.provider.heals().await;
        let keys = house.provider.keys("POST", "/refunds").await.split_off(before);
        assert!(keys.iter().all(|key| *key == keys[0]), "{fault}: {keys:?}");
        assert_eq!(house.provider.held(&hold.code).await, json!(200), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_the_call_and_our_note_of_it_makes_no_second_refund() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, _, id) = paid(&house).await;
    desk.refund(id, Some("100.00")).await;
    until(&house, id, &["done"]).await;
    // As if the process had died before it could note the answer.
    house
        .sql(
            "UPDATE refunds SET state = 'requested', provider_refund_id = NULL, attempts = 1, \
             next_attempt_at = '2026-03-01 12:00Z'",
        )
        .await;
    until(&house, id, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(200));
    let keys = house.provider.keys("POST", "/refunds").await;
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    let told = ["payment.approved", "payment.refunded"];
    assert_eq!(house.announced(&hold.code).await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_takes_days_is_followed_to_its_end() {
    let house = House::new().await;
    let desk = house.open().await;
    for (end, state, held) in [("approved", "done", 0), ("rejected", "refused", 300)] {
        house.sql("DELETE FROM refunds").await;
        let (hold, _, id) = paid(&house).await;
        house
            .provider
            .order("/mercadopago/refunds/next", &json!({ "outcome": "in_process" }))
            .await;
        desk.refund(id, None).await;
        until(&house, id, &["in_process"]).await;
        assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
        let refund = at_provider(&house).await;
        house.advance(time::Duration::hours(5)).await;
        assert_eq!(states(&house, id).await, ["in_process"]);
        let path = format!("/mercadopago/refunds/{refund}");
        house.provider.order(&path, &json!({ "status": end })).await;
        wait_until(SOON, async || {
            house.advance(time::Duration::minutes(10)).await;
            states(&house, id).await == [state]
        })
        .await;
        assert_eq!(house.provider.held(&hold.code).await, json!(held));
        assert_eq!(desk.parked().await.contains(&id), state == "refused");
    }
    assert_eq!(house.provider.keys("POST", "/refunds").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_the_provider_refuses_waits_for_a_person_who_can_try_again() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, payment, id) = paid(&house).await;
    house
        .provider
        .order("/mercadopago/refunds/next", &json!({ "outcome": "refused" }))
        .await;
    desk.refund(id, None).await;
    until(&house, id, &["refused"]).await;
    assert_eq!(desk.parked().await, [id]);
    assert_eq!(house.payment(&payment, "park_reason").await, "refund_refused");
    // The stay keeps its money as long as nobody decides otherwise.
    assert_eq!(house.payment(&payment, "resolution").await, "confirmed");
    assert_eq!(house.story(&hold).await, ["refund_requested", "refund_refused"]);
    assert_eq!(
        desk.count("payments_parked_total{reason=\"refund_refused\"")
            .await,
        1
    );
    assert_eq!(desk.count("refunds_total{status=\"refused\"").await, 1);

    assert_eq!(desk.resolve(id, "refund", None).await.status, 200);
    until(&house, id, &["refused", "done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(0));
    let keys = house.provider.keys("POST", "/refunds").await;
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "a new decision is a new operation");
    assert!(desk.parked().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_house_gives_back_in_the_providers_own_panel_is_told() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, payment, id) = paid(&house).await;
    let panel = format!("/mercadopago/payments/{payment}/refund");
    house.advance(time::Duration::seconds(1)).await;
    house.provider.order(&panel, &json!({ "amount": 100 })).await;
    house.notified("payment", &payment).await;
    wait_until(SOON, async || {
        house.payment(&payment, "refunded_minor").await == "10000"
    })
    .await;
    assert_eq!(
        desk.refund(id, Some("250.00")).await.problem(),
        (409, "not_refundable")
    );
    house.advance(time::Duration::seconds(1)).await;
    house.provider.order(&panel, &json!({})).await;
    house.notified("payment", &payment).await;
    wait_until(SOON, async || {
        house.payment(&payment, "state").await == "refunded"
    })
    .await;
    let told = ["payment.approved", "payment.refunded", "payment.refunded"];
    assert_eq!(house.announced(&hold.code).await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_have_one_refund_in_hand() {
    let house = House::new().await;
    let desks = join_all((0..3).map(|_| house.open())).await;
    let mut payments = Vec::new();
    for _ in 0..5 {
        payments.push(paid(&house).await);
    }
    join_all(payments.iter().map(|(_, _, id)| desks[0].refund(*id, None))).await;
    for (_, _, id) in &payments {
        until(&house, *id, &["done"]).await;
    }
    let mut keys = house.provider.keys("POST", "/refunds").await;
    keys.sort();
    let mut ids = refund_ids(&house).await;
    ids.sort();
    assert_eq!(keys, ids, "each was asked for exactly once");
}
