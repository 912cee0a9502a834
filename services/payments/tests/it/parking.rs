//! Money that waits for a person, and what people may decide.

use serde_json::{Value, json};
use testkit::wait_until;
use uuid::Uuid;

use crate::house::{House, SOON};

/// A payment for nobody we know, read and parked.
async fn stray(house: &House, more: Value) -> (String, Uuid) {
    house.advance(time::Duration::seconds(1)).await;
    let payment = house.provider.pays("bk-17", more).await;
    house.notified("payment", &payment).await;
    let id = house.known(&payment).await;
    (payment, id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_says_why_what_is_known_and_what_can_be_done() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let (payment, id) = stray(&house, json!({})).await;
    let (_, pending) = stray(&house, json!({ "status": "teleported" })).await;
    // A currency that the house does not sell in can only be given back at the provider.
    stray(&house, json!({ "currency_id": "XYZ" })).await;
    let list = desk.staff_get("/admin/payments/parked").await;
    assert_eq!(list.status, 200);
    let first = &list.body["items"][0];
    assert_eq!(first["id"], id.to_string());
    assert_eq!(first["provider_payment_id"], payment);
    assert_eq!(first["reference"], "bk-17");
    assert_eq!(first["amount"], json!({ "amount": "300.00", "currency": "ARS" }));
    assert_eq!(first["park_reason"], "unknown_reservation");
    assert_eq!(first["parked_at"], "2026-03-01T12:00:01Z");
    assert_eq!(
        first["possible_decisions"],
        json!(["credit", "refund", "dismiss"])
    );
    let second = &list.body["items"][1];
    assert_eq!(second["id"], pending.to_string());
    assert_eq!(second["possible_decisions"], json!(["dismiss"]));
    let third = &list.body["items"][2];
    assert_eq!(third["possible_decisions"], json!(["dismiss"]));
    let gauge = desk.metric("payments_parked ").await;
    assert!((gauge - 3.0).abs() < 0.1, "{gauge}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_decision_is_carried_out_once_and_kept_with_its_reason() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;

    let (_, credited) = stray(&house, json!({})).await;
    assert_eq!(
        desk.resolve(credited, "credit", None).await.problem(),
        (409, "decision_impossible"),
        "nobody is named"
    );
    let unknown = desk.resolve(credited, "credit", Some("RES260301222222")).await;
    assert_eq!(unknown.problem(), (409, "decision_impossible"));
    let nonsense = desk.resolve(credited, "credit", Some("nonsense")).await;
    assert_eq!(nonsense.problem(), (422, "invalid_request"));
    assert_eq!(
        desk.resolve(credited, "credit", Some(&hold.code)).await.status,
        200
    );
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
    assert_eq!(house.story(&hold).await, ["parked_payment_resolved"]);

    let (payment, refunded) = stray(&house, json!({})).await;
    assert_eq!(desk.resolve(refunded, "refund", None).await.status, 200);
    wait_until(SOON, async || {
        house.payment(&payment, "state").await == "refunded"
    })
    .await;
    let (payment, dismissed) = stray(&house, json!({})).await;
    assert_eq!(desk.resolve(dismissed, "dismiss", None).await.status, 200);
    assert_eq!(house.payment(&payment, "resolution").await, "dismissed");

    for (id, decision) in [(credited, "credit"), (refunded, "refund"), (dismissed, "dismiss")] {
        let again = desk.resolve(id, "dismiss", None).await;
        assert_eq!(again.problem(), (409, "payment_not_parked"), "{decision}");
        let shown = desk.staff_get(&format!("/admin/payments/{id}")).await.body;
        let kept = &shown["decisions"];
        assert_eq!(kept.as_array().unwrap().len(), 1);
        assert_eq!(kept[0]["decision"], decision);
        assert_eq!(kept[0]["actor"], "staff:eva@house.example");
        assert_eq!(kept[0]["reason"], "lo hablé con el huésped");
        assert_eq!(kept[0]["was_parked_for"], "unknown_reservation");
        let reservation = (decision == "credit").then(|| hold.id.to_string());
        assert_eq!(kept[0]["reservation_id"], json!(reservation));
    }
    assert!(desk.parked().await.is_empty());
    let nobody = desk.resolve(Uuid::new_v4(), "dismiss", None).await;
    assert_eq!(nobody.problem(), (404, "payment_not_found"));
    let path = format!("/admin/payments/{dismissed}/resolve");
    for reason in ["  ", "a\u{0}", &"ñ".repeat(501)] {
        let body = json!({ "decision": "dismiss", "reason": reason });
        let refused = desk.staff_post(&path, &body).await;
        assert_eq!(refused.problem(), (422, "invalid_request"));
        assert_eq!(refused.body["errors"][0]["field"], "reason");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_not_approved_or_of_another_currency_is_not_credited() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    for more in [json!({ "status": "teleported" }), json!({ "currency_id": "USD" })] {
        let (_, id) = stray(&house, more.clone()).await;
        let refused = desk.resolve(id, "credit", Some(&hold.code)).await;
        assert_eq!(refused.problem(), (409, "decision_impossible"), "{more}");
        assert!(desk.parked().await.contains(&id));
    }
    assert_eq!(house.announced(&hold.code).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_has_decided_is_asked_again_only_if_the_money_moves() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let elsewhere = json!({ "external_reference": hold.code, "collector_id": 1 });
    for decision in ["credit", "dismiss"] {
        let (payment, id) = stray(&house, elsewhere.clone()).await;
        assert_eq!(house.payment(&payment, "park_reason").await, "wrong_collector");
        assert_eq!(desk.resolve(id, decision, None).await.status, 200);
        // The provider touches the payment, as when its money is released.
        house.advance(time::Duration::minutes(1)).await;
        house
            .provider
            .changes(&payment, json!({ "status_detail": "accredited" }))
            .await;
        let delivery = house.notified("payment", &payment).await;
        assert_eq!(house.outcome(delivery).await, "recorded");
        assert!(desk.parked().await.is_empty(), "{decision}");
        // It moves.
        house.advance(time::Duration::minutes(1)).await;
        house
            .provider
            .changes(&payment, json!({ "status": "teleported" }))
            .await;
        let delivery = house.notified("payment", &payment).await;
        assert_eq!(house.outcome(delivery).await, "parked");
        assert_eq!(desk.parked().await, [id], "{decision}");
        assert_eq!(desk.resolve(id, "dismiss", None).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_part_of_one_stay_is_not_credited_to_another() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let (own, other) = (house.hold().await, house.hold().await);
    let payment = house.provider.pays(&own.code, json!({})).await;
    house.notified("payment", &payment).await;
    let id = house.known(&payment).await;
    // Credited, and a refund of it was refused.
    house
        .sql(
            "UPDATE payments SET resolution = 'confirmed', park_reason = 'refund_refused', parked_at = now()",
        )
        .await;
    let refused = desk.resolve(id, "credit", Some(&other.code)).await;
    assert_eq!(refused.problem(), (409, "decision_impossible"));
    assert_eq!(
        house.payment(&payment, "reservation_id").await,
        own.id.to_string()
    );
    // Keeping it where it is, is a decision.
    assert_eq!(desk.resolve(id, "credit", None).await.status, 200);
    assert_eq!(house.payment(&payment, "resolution").await, "confirmed");
    assert!(desk.parked().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_the_provider_answers_itself_is_no_longer_asked() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let odd = json!({ "external_reference": hold.code, "status": "teleported" });
    let (payment, id) = stray(&house, odd).await;
    assert_eq!(desk.parked().await, [id]);
    house.advance(time::Duration::minutes(1)).await;
    house
        .provider
        .changes(&payment, json!({ "status": "approved" }))
        .await;
    let delivery = house.notified("payment", &payment).await;
    assert_eq!(house.outcome(delivery).await, "recorded");
    assert!(desk.parked().await.is_empty());
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
    assert_eq!(house.payment(&payment, "resolution").await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_list_cannot_be_asked_for_is_refused_by_its_name() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    for (query, field) in [
        ("/admin/payments?reference=%00", "reference"),
        ("/admin/payments?state=%00", "state"),
        ("/admin/payments?limit=0", "limit"),
        ("/admin/payments?limit=201", "limit"),
        ("/admin/payments?cursor=x", "cursor"),
        // A day that PostgreSQL does not reckon with.
        (
            "/admin/payments?cursor=-300000000000000000000.00000000-0000-0000-0000-000000000000",
            "cursor",
        ),
        ("/admin/payments/parked?limit=201", "limit"),
        ("/admin/payments/parked?cursor=x", "cursor"),
    ] {
        let refused = desk.staff_get(query).await;
        assert_eq!(refused.problem(), (422, "invalid_request"), "{query}");
        assert_eq!(refused.body["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_wait_all_of_them_are_listed_longest_first() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    // Three of each instant.
    house
        .sql(
            "INSERT INTO payments (id, provider_payment_id, state, amount_minor, currency, provider_updated_at, found_by, \
             park_reason, parked_at, created_at, updated_at) SELECT gen_random_uuid(), n::text, 'approved', 30000, 'ARS', \
             '2026-03-01Z', 'webhook', 'unknown_reservation', timestamptz '2026-03-01Z' + n / 3 * interval '1 s', \
             '2026-03-01Z', '2026-03-01Z' FROM generate_series(0, 200) AS n",
        )
        .await;
    let first = desk.staff_get("/admin/payments/parked").await.body;
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
    let (mut listed, mut query) = (Vec::new(), "limit=100".to_owned());
    loop {
        let page = desk
            .staff_get(&format!("/admin/payments/parked?{query}"))
            .await
            .body;
        for item in page["items"].as_array().unwrap() {
            listed.push(item["id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => query = format!("limit=100&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(
        listed,
        house
            .words("SELECT id FROM payments ORDER BY parked_at, id")
            .await
    );
}
