//! A request that comes again.

use futures_util::future::join_all;
use reqwest::Method;
use testkit::Answer;
use time::Duration;

use crate::desk::{Desk, Held};
use crate::house::{House, wish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_with_one_key_make_one_reservation_and_one_answer() {
    let house = House::new().await;
    let desk = house.open().await;
    let wish = wish(desk.lodging().await, "2026-04-01", "2026-04-04");
    let answers = join_all((0..50).map(|_| desk.hold_with_key(&wish, "one key"))).await;
    let after = desk.hold_with_key(&wish, "one key").await;
    assert_eq!(after.status, 201);
    assert_eq!(
        after.header("location"),
        format!("/api/v1/reservations/{}", after.body["code"].as_str().unwrap())
    );
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.body, after.body);
            assert_eq!(answer.header("location"), after.header("location"));
        } else {
            assert_eq!(answer.refusal(), (409, "request_still_running", ""));
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    assert!(answers.iter().any(|answer| answer.status == 201));
    assert_eq!(house.number("SELECT count(*) FROM reservations").await, 1);
    assert_eq!(house.database.outbox().await, ["reservation.held.v1"]);
    let shown = desk.show(&Held::of(&after)).await;
    assert_eq!(
        shown.status, 200,
        "the token of a repeated answer opens the reservation"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_belongs_to_its_request() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let first = wish(lodging, "2026-04-01", "2026-04-04");
    assert_eq!(desk.hold_with_key(&first, "k").await.status, 201);
    let mut other = first.clone();
    other["guests"] = 1.into();
    assert_eq!(
        desk.hold_with_key(&other, "k").await.refusal(),
        (422, "idempotency_key_reused", "")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_repeated_even_if_the_nights_are_free_by_then() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-01", "2026-04-04").await;
    let late = wish(lodging, "2026-04-02", "2026-04-03");
    let refused = desk.hold_with_key(&late, "late").await;
    assert_eq!(refused.refusal(), (409, "nights_taken", "check_in"));
    desk.cancel(&held).await;
    let again = desk.hold_with_key(&late, "late").await;
    assert_eq!(again.refusal(), (409, "nights_taken", "check_in"));
    assert_eq!(again.body["title"], refused.body["title"]);
    assert_eq!(desk.hold_with_key(&late, "another try").await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_request_does_not_use_up_its_key() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let mut wish = wish(lodging, "2026-04-01", "2026-04-04");
    wish["guests"] = 9.into();
    assert_eq!(desk.hold_with_key(&wish, "k").await.status, 422);
    wish["guests"] = 2.into();
    assert_eq!(desk.hold_with_key(&wish, "k").await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_asks_again_from_another_network_hears_the_first_answer() {
    let house = House::new().await;
    let desk = house.open().await;
    let wish = wish(desk.lodging().await, "2026-04-01", "2026-04-04");
    let first = Held::of(&hold_from(&desk, "203.0.113.1", &wish).await);
    let second = Held::of(&hold_from(&desk, "2001:db8::1", &wish).await);
    assert_eq!(second.code, first.code);
    assert_eq!(second.access_token, first.access_token);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_with_different_contacts_do_not_see_each_others_answers() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut wish = wish(desk.lodging().await, "2026-04-01", "2026-04-04");
    Held::of(&hold_from(&desk, "203.0.113.1", &wish).await);
    wish["contact_phone"] = "+54 9 11 2345-6780".into();
    let other = hold_from(&desk, "203.0.113.1", &wish).await;
    assert_eq!(other.refusal(), (409, "nights_taken", "check_in"));
}

async fn hold_from(desk: &Desk, address: &str, wish: &serde_json::Value) -> Answer {
    let request = desk.request(Method::POST, "/reservations", "guest");
    let request = request
        .header("x-client-address", address)
        .header("idempotency-key", "k");
    Answer::to(request.json(wish)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_kept_for_a_day() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let wish = wish(lodging, "2026-04-01", "2026-04-04");
    let first = Held::of(&desk.hold_with_key(&wish, "k").await);
    house.clock.advance(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(Held::of(&desk.hold_with_key(&wish, "k").await).code, first.code);
    house.clock.advance(Duration::seconds(1));
    let second = Held::of(&desk.hold_with_key(&wish, "k").await);
    assert_ne!(second.code, first.code);
    assert_eq!(house.status(&first.code).await, "expired");
}
