//! What the staff does with reservations.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;
use time::Duration;

use crate::desk::{Held, STAFF};
use crate::house::{House, wish};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stay_is_confirmed_by_hand_once_and_with_a_reason() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let path = format!("/admin/reservations/{}/confirm", held.code);
    for reason in ["", "  ", "a\u{0}", &"a".repeat(501)] {
        let refused = desk.staff_post(&path, &json!({ "reason": reason })).await;
        assert_eq!(refused.refusal(), (422, "invalid_request", "reason"));
    }
    let answers = join_all((0..10).map(|_| desk.confirm_by_hand(&held.code))).await;
    for answer in answers {
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("confirmed"))
        );
    }
    assert_eq!(house.story(&held.code).await, ["held", "confirmed"]);
    assert_eq!(
        house.events(&held.code).await,
        ["reservation.confirmed.v1", "reservation.held.v1"]
    );
    house.clock.advance(Duration::hours(1));
    let detail = desk
        .staff_get(&format!("/admin/reservations/{}", held.code))
        .await
        .body;
    assert_eq!(
        [&detail["status"], &detail["payment_status"]],
        ["confirmed", "pending"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_hold_is_confirmed_by_hand_if_its_nights_are_free() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let free = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let taken = desk.held(lodging, "2026-04-10", "2026-04-12").await;
    let past = desk.held(lodging, "2026-03-02", "2026-03-03").await;
    let cancelled = desk.held(lodging, "2026-04-20", "2026-04-21").await;
    desk.cancel(&cancelled).await;
    house.clock.advance(Duration::minutes(30));
    desk.held(lodging, "2026-04-11", "2026-04-13").await;
    // The next replica's first look ends the rest.
    let _replica = house.open().await;
    testkit::wait_until(crate::house::SOON, async || {
        house.status(&free.code).await == "expired"
    })
    .await;

    assert_eq!(desk.confirm_by_hand(&free.code).await.status, 200);
    assert_eq!(
        desk.confirm_by_hand(&taken.code).await.refusal(),
        (409, "nights_taken", "check_in")
    );
    assert_eq!(
        desk.confirm_by_hand(&cancelled.code).await.refusal(),
        (409, "wrong_state", "")
    );
    house.clock.advance(Duration::days(2));
    assert_eq!(
        desk.confirm_by_hand(&past.code).await.refusal(),
        (409, "nights_taken", "check_in")
    );
    assert_eq!(
        desk.confirm_by_hand("RES260301222222").await.refusal(),
        (404, "reservation_not_found", "")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_staff_cancels_with_a_reason_and_says_what_goes_back() {
    let house = House::new().await;
    let desk = house.open().await;
    // Too late for the policy to give anything back.
    for (refund, asked) in [("policy", false), ("full", true), ("none", false)] {
        let lodging = desk.lodging().await;
        let held = desk.held(lodging, "2026-03-02", "2026-03-05").await;
        desk.confirm_by_hand(&held.code).await;
        house
            .execute(&format!(
                "UPDATE reservations SET paid_minor = 90000 WHERE code = '{}'",
                held.code
            ))
            .await;
        let path = format!("/admin/reservations/{}/cancel", held.code);
        let unreasoned = desk.staff_post(&path, &json!({ "reason": " " })).await;
        assert_eq!(unreasoned.refusal(), (422, "invalid_request", "reason"));
        let cancelled = desk
            .staff_post(&path, &json!({ "reason": "se inundó", "refund": refund }))
            .await;
        assert_eq!(
            (cancelled.status, &cancelled.body["status"]),
            (200, &json!("cancelled"))
        );
        let events = house.events(&held.code).await;
        let found = events.contains(&"reservation.refund_requested.v1".to_owned());
        assert_eq!(found, asked, "{refund}");
        desk.held(lodging, "2026-03-02", "2026-03-05").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_never_came_is_noted_from_the_day_of_arrival_on() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-03-02", "2026-03-05").await;
    let path = format!("/admin/reservations/{}/no-show", held.code);
    assert_eq!(
        desk.staff_post(&path, &json!({})).await.refusal(),
        (409, "wrong_state", "")
    );
    desk.confirm_by_hand(&held.code).await;
    assert_eq!(
        desk.staff_post(&path, &json!({})).await.refusal(),
        (409, "too_early", "")
    );
    house.clock.advance(Duration::days(1));
    for _ in 0..2 {
        let noted = desk.staff_post(&path, &json!({})).await;
        assert_eq!((noted.status, &noted.body["status"]), (200, &json!("no_show")));
    }
    assert_eq!(house.story(&held.code).await, ["held", "confirmed", "no_show"]);
    desk.held(lodging, "2026-03-02", "2026-03-05").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_timeline_tells_who_did_what_when_and_in_which_trace() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    house.clock.advance(Duration::minutes(1));
    let path = format!("/admin/reservations/{}", held.code);
    let confirm = desk
        .request(Method::POST, &format!("{path}/confirm"), STAFF)
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .json(&json!({ "reason": "pagó en efectivo" }));
    assert_eq!(Answer::to(confirm).await.status, 200);
    house.clock.advance(Duration::minutes(1));
    desk.cancel(&held).await;

    let detail = desk.staff_get(&path).await.body;
    let timeline = detail["timeline"].as_array().unwrap();
    let told: Vec<_> = timeline
        .iter()
        .map(|line| ["kind", "actor", "at"].map(|member| line[member].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["held", "guest", "2026-03-01T12:00:00Z"],
            ["confirmed", STAFF, "2026-03-01T12:01:00Z"],
            ["cancelled", "guest", "2026-03-01T12:02:00Z"],
        ]
    );
    assert_eq!(timeline[1]["trace_id"], TRACE);
    assert_eq!(timeline[1]["detail"]["reason"], "pagó en efectivo");
    for line in timeline {
        assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
        let text = line.to_string();
        assert!(!text.contains("Ana") && !text.contains("correo.com.ar"), "{text}");
    }
    assert_eq!(detail["contact_name"], "Ana Pérez");
    assert_eq!(detail["quote"], held.body["quote"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stay_is_complete_the_day_after_departure_in_its_house() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-03-02", "2026-03-05").await;
    desk.confirm_by_hand(&held.code).await;
    let complete = async || {
        let mut conn = house.database.conn().await;
        let context = house.context();
        reservations::use_cases::complete_stays::complete_stays(&mut conn, &context)
            .await
            .unwrap()
    };
    // Until the 6th has come to Buenos Aires, three hours after Greenwich.
    house
        .clock
        .advance(Duration::days(4) + Duration::hours(15) - Duration::seconds(1));
    assert_eq!(complete().await, 0);
    house.clock.advance(Duration::seconds(1));
    assert_eq!(complete().await, 1);
    assert_eq!(complete().await, 0);
    assert_eq!(house.story(&held.code).await, ["held", "confirmed", "completed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_is_reminded_once_before_the_hold_ends() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let remind = async || {
        let mut conn = house.database.conn().await;
        let (context, ahead) = (house.context(), house.policy().reminder);
        reservations::use_cases::remind_guests::remind_guests(&mut conn, &context, ahead)
            .await
            .unwrap()
    };
    house.clock.advance(Duration::minutes(15) - Duration::seconds(1));
    assert_eq!(remind().await, 0);
    house.clock.advance(Duration::seconds(1));
    let marked = join_all((0..3).map(|_| remind())).await;
    assert_eq!(marked.iter().sum::<usize>(), 1);
    assert_eq!(house.story(&held.code).await, ["held", "reminder_due"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_the_house_book_as_staff() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut wish = wish(desk.lodging().await, "2026-04-06", "2026-04-09");
    let book = |actor: &str, wish: &Value| {
        let request = desk.request(Method::POST, "/admin/reservations", actor);
        Answer::to(request.header("idempotency-key", "k").json(wish))
    };
    assert_eq!(book("guest", &wish).await.refusal().0, 403);
    let held = Held::of(&book(STAFF, &wish).await);
    wish["channel"] = "staff".into();
    assert_eq!(
        Held::of(&book(STAFF, &wish).await).code,
        held.code,
        "the same request"
    );
    wish["channel"] = "web".into();
    assert_eq!(
        book(STAFF, &wish).await.refusal(),
        (422, "invalid_request", "channel")
    );
    let detail = desk
        .staff_get(&format!("/admin/reservations/{}", held.code))
        .await
        .body;
    assert_eq!(
        [&detail["channel"], &detail["timeline"][0]["actor"]],
        ["staff", STAFF]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_service_of_ours_says_that_a_guest_came_over_whatsapp() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut wish = wish(desk.lodging().await, "2026-04-06", "2026-04-09");
    wish["channel"] = "whatsapp".into();
    let request = desk.request(Method::POST, "/reservations", "system:concierge");
    let held = Held::of(&Answer::to(request.header("idempotency-key", "k").json(&wish)).await);
    assert_eq!(desk.show(&held).await.body["channel"], "whatsapp");
}
