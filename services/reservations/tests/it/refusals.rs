//! What is not booked, and how that is told.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;
use time::Duration;

use crate::desk::{Desk, Held};
use crate::house::{House, wish};

/// A wish that could be granted, and what is changed in it.
async fn refused(desk: &Desk, lodging: i64, change: Value) -> (u16, String, String) {
    let mut wish = wish(lodging, "2026-04-06", "2026-04-09");
    let Value::Object(change) = change else {
        panic!("an object: {change}");
    };
    wish.as_object_mut().unwrap().extend(change);
    let answer = desk.hold(&wish).await;
    let (status, code, field) = answer.refusal();
    (status, code.to_owned(), field.to_owned())
}

/// A change of a good wish, and the status, code and field that refuse it.
type Case = (Value, u16, &'static str, &'static str);

async fn check(house: &House, desk: &Desk, lodging: i64, cases: Vec<Case>) {
    for (change, status, code, field) in cases {
        let told = refused(desk, lodging, change.clone()).await;
        assert_eq!(told, (status, code.to_owned(), field.to_owned()), "{change}");
    }
    assert_eq!(house.number("SELECT count(*) FROM reservations").await, 0);
    assert_eq!(house.number("SELECT count(*) FROM idempotency_keys").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stay_that_the_lodging_does_not_sell_is_refused_by_field() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk
        .lodging_with(json!({ "min_nights": 2, "max_nights": 365 }))
        .await;
    let short = desk.lodging_with(json!({ "max_nights": 7 })).await;
    let closed = desk.lodging().await;
    desk.staff_post(&format!("/admin/accommodations/{closed}/deactivate"), &json!({}))
        .await;
    let stay = |change: Value, field| (change, 422, "invalid_stay", field);
    let unknown = |accommodation: i64| {
        let change = json!({ "accommodation_id": accommodation });
        (change, 404, "accommodation_not_found", "")
    };
    let week = json!({ "accommodation_id": short, "check_out": "2026-04-14" });
    let two_years = json!({ "check_in": "2028-02-26", "check_out": "2028-03-01" });
    let cases = vec![
        stay(json!({ "check_in": "2026-02-28" }), "check_in"),
        stay(json!({ "check_out": "2026-04-06" }), "check_out"),
        stay(json!({ "check_out": "2026-04-05" }), "check_out"),
        stay(json!({ "check_out": "2026-04-07" }), "check_out"),
        stay(json!({ "check_out": "2027-04-07" }), "check_out"),
        stay(json!({ "check_out": "9999-12-31" }), "check_out"),
        stay(week, "check_out"),
        stay(two_years, "check_out"),
        stay(json!({ "guests": 0 }), "guests"),
        stay(json!({ "guests": 5 }), "guests"),
        unknown(0),
        unknown(i64::MIN),
        unknown(i64::MAX),
        unknown(closed),
    ];
    check(&house, &desk, lodging, cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_cannot_be_reached_is_refused_by_field() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let contact = |change: Value, field| (change, 422, "invalid_contact", field);
    let cases = vec![
        contact(json!({ "contact_phone": "123" }), "contact_phone"),
        contact(json!({ "contact_phone": "1".repeat(10_000) }), "contact_phone"),
        contact(json!({ "contact_email": "nadie" }), "contact_email"),
        contact(json!({ "contact_email": "a\u{0}@correo.com" }), "contact_email"),
        contact(json!({ "contact_email": null }), "contact_phone"),
        contact(
            json!({ "contact_email": " ", "contact_phone": "" }),
            "contact_phone",
        ),
        contact(json!({ "contact_name": "  " }), "contact_name"),
        contact(json!({ "contact_name": "a".repeat(121) }), "contact_name"),
        contact(json!({ "contact_name": "Ana\u{0}" }), "contact_name"),
    ];
    check(&house, &desk, lodging, cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_field_or_not_of_its_kind_is_refused_by_name() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let request = |change: Value, field| (change, 422, "invalid_request", field);
    let cases = vec![
        request(json!({ "channel": "airbnb" }), "channel"),
        request(json!({ "channel": "staff" }), "channel"),
        request(json!({ "channel": "whatsapp" }), "channel"),
        request(json!({ "check_in": "2026-02-30" }), "check_in"),
        request(json!({ "check_in": "06/04/2026" }), "check_in"),
        request(json!({ "guests": -1 }), "guests"),
        request(json!({ "guests": 70_000 }), "guests"),
        request(json!({ "guests": "2" }), "guests"),
        request(json!({ "accommodation_id": 1e30 }), "accommodation_id"),
        request(json!({ "total": 1 }), "total"),
    ];
    check(&house, &desk, lodging, cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stay_may_begin_today_and_last_a_year() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging_with(json!({ "max_nights": 365 })).await;
    let held = desk.held(lodging, "2026-03-01", "2027-03-01").await;
    assert_eq!(held.body["nights"], 365);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn today_is_the_houses_own_day() {
    let house = House::new().await;
    let desk = house.open().await;
    let buenos_aires = desk.lodging().await;
    let madrid = desk.lodging_with(json!({ "time_zone": "Europe/Madrid" })).await;
    // 02:59 in Greenwich is the day before in Buenos Aires, and four in the morning in Madrid.
    house.clock.advance(Duration::hours(15) - Duration::minutes(1));
    desk.held(buenos_aires, "2026-03-01", "2026-03-02").await;
    let past = desk.hold(&wish(madrid, "2026-03-01", "2026-03-02")).await;
    assert_eq!(past.refusal(), (422, "invalid_stay", "check_in"));
    house.clock.advance(Duration::minutes(1));
    let past = desk.hold(&wish(buenos_aires, "2026-03-01", "2026-03-02")).await;
    assert_eq!(past.refusal(), (422, "invalid_stay", "check_in"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_known_by_its_phone_and_by_its_email_and_no_hold_counts_twice() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let ask = async |day: u8, phone: Option<&str>, email: Option<&str>| {
        let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
        let mut wish = wish(lodging, &check_in, &check_out);
        wish["contact_phone"] = phone.into();
        wish["contact_email"] = email.into();
        desk.hold(&wish).await.status
    };
    let (ana, other) = (Some("+54 9 11 2345-6789"), Some("+54 9 11 2345-6780"));
    let (mail, mail_of_another) = (Some("ana@correo.com.ar"), Some("otra@correo.com.ar"));
    assert_eq!(ask(1, ana, mail).await, 201);
    assert_eq!(ask(2, ana, mail).await, 201);
    // Two so far, each found by phone and by address.
    assert_eq!(ask(3, other, mail).await, 201);
    assert_eq!(ask(4, ana, mail).await, 422);
    assert_eq!(ask(4, None, mail).await, 422);
    assert_eq!(ask(4, ana, None).await, 201);
    assert_eq!(ask(5, ana, mail_of_another).await, 422);
    assert_eq!(ask(5, other, mail_of_another).await, 201);
    assert_eq!(ask(6, None, mail_of_another).await, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_has_three_unpaid_holds_at_most_however_its_phone_is_written() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let ask = async |day: u8, phone: &str| {
        let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
        let mut wish = wish(lodging, &check_in, &check_out);
        wish["contact_phone"] = phone.into();
        desk.hold(&wish).await
    };
    let first = Held::of(&ask(1, "+54 9 11 2345-6789").await);
    Held::of(&ask(2, "011 15 2345-6789").await);
    Held::of(&ask(3, "54 11 2345 6789").await);
    let fourth = ask(4, "+5491123456789").await;
    assert_eq!(fourth.refusal(), (422, "too_many_holds", "contact_phone"));
    Held::of(&ask(5, "+54 9 11 2345-6780").await);

    // One that is called off, paid or run out makes room.
    desk.cancel(&first).await;
    let again = Held::of(&ask(4, "+5491123456789").await);
    assert_eq!(ask(6, "+5491123456789").await.status, 422);
    assert_eq!(desk.confirm_by_hand(&again.code).await.status, 200);
    Held::of(&ask(6, "+5491123456789").await);
    house.clock.advance(Duration::minutes(30));
    Held::of(&ask(7, "+5491123456789").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_so_many_unpaid_holds_at_most() {
    let house = House::new().await;
    let desk = house.open_with(&[("MAX_UNPAID_HOLDS_PER_ADDRESS", "2")]).await;
    let lodging = desk.lodging().await;
    let ask = async |day: u8, address: &str| {
        let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
        let request = desk
            .request(Method::POST, "/reservations", "guest")
            .header("x-client-address", address)
            .header("idempotency-key", day.to_string());
        Answer::to(request.json(&wish(lodging, &check_in, &check_out))).await
    };
    assert_eq!(ask(1, "203.0.113.1").await.status, 201);
    assert_eq!(ask(2, "203.0.113.1").await.status, 201);
    assert_eq!(ask(3, "203.0.113.1").await.refusal(), (422, "too_many_holds", ""));
    assert_eq!(ask(4, "203.0.113.2").await.status, 201);
    // An IPv6 subscriber has 2⁶⁴ of them.
    assert_eq!(ask(5, "2001:db8:1:2:aaaa::1").await.status, 201);
    assert_eq!(ask(6, "2001:db8:1:2:bbbb::2").await.status, 201);
    assert_eq!(
        ask(7, "2001:db8:1:2:cccc::3").await.refusal(),
        (422, "too_many_holds", "")
    );
    assert_eq!(ask(7, "2001:db8:1:3::1").await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_wish_are_refused_before_anything_is_asked() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let good = wish(lodging, "2026-04-06", "2026-04-09").to_string();
    let huge = format!("{{\"contact_name\": \"{}\"}}", "a".repeat(1 << 20));
    let cases = [
        (String::new(), "application/json", 400),
        ("{".to_owned(), "application/json", 400),
        ("null".to_owned(), "application/json", 422),
        ("[]".to_owned(), "application/json", 422),
        ("[".repeat(100_000), "application/json", 422),
        (format!("{good} {good}"), "application/json", 400),
        (good.replacen('{', "{\"guests\": 1, ", 1), "application/json", 422),
        (huge, "application/json", 413),
        (good.clone(), "text/plain", 415),
    ];
    for (body, media, status) in cases {
        let begin: String = body.chars().take(20).collect();
        let request = desk
            .request(Method::POST, "/reservations", "guest")
            .header("idempotency-key", "k")
            .header("content-type", media);
        let told = Answer::to(request.body(body)).await;
        assert_eq!(told.refusal().0, status, "{begin}: {}", told.text);
    }
    let mut keyless = desk.request(Method::POST, "/reservations", "guest");
    keyless = keyless
        .header("content-type", "application/json")
        .body(good.clone());
    assert_eq!(Answer::to(keyless).await.refusal().0, 400);
    let nobody = desk
        .request(Method::POST, "/reservations", "somebody")
        .header("content-type", "application/json");
    assert_eq!(Answer::to(nobody.body(good)).await.refusal().0, 400);
    assert_eq!(house.number("SELECT count(*) FROM reservations").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_and_queries_that_mean_nothing_are_refused() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let place = format!("/accommodations/{lodging}");
    let cases = [
        ("/accommodations/0".to_owned(), 404),
        ("/accommodations/-1".to_owned(), 404),
        ("/accommodations?limit=0".to_owned(), 422),
        ("/accommodations?limit=101".to_owned(), 422),
        ("/accommodations?cursor=x".to_owned(), 422),
        (format!("{place}/availability?from=2026-13-01"), 422),
        (format!("{place}/availability?from=2026-04-01&to=2026-04-01"), 422),
        (format!("{place}/availability?from=2026-04-01&to=2027-06-01"), 422),
        (format!("{place}/availability?from=9999-12-31"), 422),
        (format!("{place}/quote?check_in=&check_out="), 422),
        (
            format!("{place}/quote?check_in=2026-04-06&check_out=2026-04-06"),
            422,
        ),
        (
            format!("{place}/quote?check_in=2026-02-01&check_out=2026-02-03"),
            422,
        ),
        (
            format!("{place}/quote?check_in=2026-04-06&check_out=2026-04-09&guests=5"),
            422,
        ),
        (
            "/accommodations/0/quote?check_in=2026-04-06&check_out=2026-04-09".to_owned(),
            404,
        ),
        ("/accommodations/0/availability".to_owned(), 404),
        ("/nothing".to_owned(), 404),
    ];
    for (path, status) in cases {
        assert_eq!(desk.get(&path).await.refusal().0, status, "{path}");
    }
    for path in [
        "/accommodations".to_owned(),
        format!("{place}/availability"),
        format!("{place}/quote"),
        format!("/admin{place}/seasons"),
        "/admin/accommodations".to_owned(),
        "/admin/calendar".to_owned(),
        "/admin/stats".to_owned(),
    ] {
        let misspelt = desk.staff_get(&format!("{path}?fliter=1")).await;
        assert_eq!(misspelt.refusal(), (422, "invalid_request", "fliter"), "{path}");
    }
    for path in [
        "/accommodations/x",
        "/accommodations/1e9",
        "/accommodations/99999999999999999999",
    ] {
        let status = desk.get(path).await.refusal().0;
        assert!(status == 400 || status == 404, "{path}: {status}");
    }
    let method = Answer::to(desk.request(Method::DELETE, &place, "guest")).await;
    assert_eq!(method.refusal().0, 405);
    assert!(method.header("allow").contains("GET"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_without_the_word_between_services() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let path = format!("/internal/v1/accommodations/{lodging}");
    assert_eq!(desk.probe(&path).await.refusal().0, 403);
    for path in [
        "/admin/accommodations",
        "/admin/reservations",
        "/admin/stats",
        "/admin/calendar",
    ] {
        assert_eq!(desk.get(path).await.refusal().0, 403, "a guest reads {path}");
    }
}
