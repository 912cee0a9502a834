//! A guest's own reservation, and nobody else's.

use reqwest::Method;
use serde_json::json;
use testkit::Answer;
use time::Duration;

use crate::desk::Held;
use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_answers_with_all_that_its_guest_needs() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    assert!(
        held.code.starts_with("RES260301") && held.code.len() == 15,
        "{}",
        held.code
    );
    let mut told = held.body.clone();
    let members = told.as_object_mut().unwrap();
    let token = members.remove("access_token").unwrap();
    assert!(22 <= token.as_str().unwrap().len(), "128 bits");
    members.remove("quote");
    let pesos = |amount: &str| json!({ "amount": amount, "currency": "ARS" });
    assert_eq!(
        told,
        json!({
            "code": held.code, "status": "pre_reserved", "accommodation_id": lodging,
            "check_in": "2026-04-06", "check_out": "2026-04-09", "nights": 3, "guests": 2,
            "total": pesos("3000.00"), "deposit": pesos("900.00"), "expires_at": "2026-03-01T12:30:00Z",
        })
    );
    // Only a hash of the token is kept.
    let token = token.as_str().unwrap();
    let kept = format!(
        "SELECT count(*) FROM reservations, idempotency_keys, outbox_events, reservation_timeline \
         WHERE reservations::text || idempotency_keys::text || outbox_events::text || reservation_timeline::text \
         LIKE '%{token}%'"
    );
    assert_eq!(house.number(&kept).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reservation_is_open_to_its_token_only() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let mine = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let theirs = desk.held(lodging, "2026-04-09", "2026-04-10").await;
    assert_eq!(desk.show(&mine).await.status, 200);
    for token in [theirs.access_token.as_str(), "x", &"x".repeat(5_000)] {
        let stolen = Held {
            access_token: token.to_owned(),
            ..mine.clone()
        };
        assert_eq!(
            desk.show(&stolen).await.refusal(),
            (404, "reservation_not_found", "")
        );
        assert_eq!(
            desk.cancel(&stolen).await.refusal(),
            (404, "reservation_not_found", "")
        );
    }
    let path = format!("/reservations/{}", mine.code);
    let bare = Answer::to(desk.request(Method::GET, &path, "guest")).await;
    assert_eq!(bare.refusal(), (401, "access_token_missing", ""));
    assert_eq!(bare.header("www-authenticate"), "Bearer");
    for code in ["RES260301222222", "nothing", "%00"] {
        let path = format!("/reservations/{code}");
        let request = desk
            .request(Method::GET, &path, "guest")
            .bearer_auth(&mine.access_token);
        assert_eq!(
            Answer::to(request).await.refusal(),
            (404, "reservation_not_found", "")
        );
    }
    assert_eq!(house.status(&mine.code).await, "pre_reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_twice_cancels_once() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let answers = futures_util::future::join_all((0..10).map(|_| desk.cancel(&held))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(house.story(&held.code).await, ["held", "cancelled"]);
    assert_eq!(
        house.events(&held.code).await,
        ["reservation.cancelled.v1", "reservation.held.v1"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_hold_cannot_be_cancelled() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    house.clock.advance(Duration::minutes(30));
    desk.held(lodging, "2026-04-06", "2026-04-09").await;
    assert_eq!(desk.cancel(&held).await.refusal(), (409, "wrong_state", ""));
}

/// Days before arrival, and what goes back of 3,000 pesos by the policy that the stay was sold with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_back_follows_the_policy() {
    let house = House::new().await;
    let desk = house.open().await;
    for (days_later, back) in [
        (0, "3000.00"),
        (29, "3000.00"),
        (30, "1500.00"),
        (34, "1500.00"),
        (35, "0.00"),
    ] {
        let lodging = desk.lodging().await;
        let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
        assert_eq!(desk.confirm_by_hand(&held.code).await.status, 200);
        house
            .execute(&format!(
                "UPDATE reservations SET paid_minor = 300000, payment_status = 'paid' WHERE code = '{}'",
                held.code
            ))
            .await;
        let noon = house.now();
        house.clock.advance(Duration::days(days_later));
        assert_eq!(desk.show(&held).await.body["refund_if_cancelled"]["amount"], back);
        let cancelled = desk.cancel(&held).await.body;
        assert_eq!(cancelled["refund"]["amount"], back, "{days_later} days later");
        let again = desk.cancel(&held).await;
        assert_eq!((again.status, again.body), (200, cancelled), "cancelled twice");
        let refunds = house.events(&held.code).await;
        let asked = refunds.contains(&"reservation.refund_requested.v1".to_owned());
        assert_eq!(asked, back != "0.00", "{days_later} days later");
        house.clock.set(noon);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stay_that_has_begun_is_ended_by_the_house_only() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-03-02", "2026-03-05").await;
    assert_eq!(desk.confirm_by_hand(&held.code).await.status, 200);
    house.clock.advance(Duration::days(2));
    assert_eq!(desk.cancel(&held).await.refusal(), (409, "stay_begun", ""));
    let path = format!("/admin/reservations/{}/cancel", held.code);
    let cancelled = desk
        .staff_post(&path, &json!({ "reason": "se fueron antes" }))
        .await;
    assert_eq!(cancelled.body["status"], "cancelled");
}
