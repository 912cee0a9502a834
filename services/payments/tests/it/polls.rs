//! Asking the provider: no payment depends on a notification, and no hold ends before its money was asked about.

use events::v1;
use serde_json::json;
use storage::payment_links::{self, PollRhythm};
use storage::payments::{ExpiryVerdict, expiry_verdict};
use testkit::wait_until;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

use crate::house::{Hold, House, SOON};

async fn verdict(house: &House, hold: &Hold) -> ExpiryVerdict {
    let mut conn = house.database.conn().await;
    expiry_verdict(&mut conn, hold.id, datetime!(2026-03-01 12:30 UTC))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_whose_notification_is_lost_is_found_by_asking_and_counted() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    assert_eq!(desk.count("payments_found_total{found_by=\"poll\"").await, 0);
    house.advance(time::Duration::minutes(4)).await;
    wait_until(SOON, async || house.announced(&hold.code).await.len() == 2).await;
    assert_eq!(house.payment(&payment, "found_by").await, "poll");
    assert_eq!(desk.count("payments_found_total{found_by=\"poll\"").await, 1);
    assert_eq!(
        house.announced(&hold.code).await,
        ["payment.link_ready", "payment.approved"]
    );
    assert_eq!(verdict(&house, &hold).await, ExpiryVerdict::MoneyFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_hold_ends_its_money_is_asked_about_and_an_answer_lets_it_end() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    // Without a link nobody can have paid.
    assert_eq!(verdict(&house, &hold).await, ExpiryVerdict::MayEnd);
    desk.link(&hold.code).await;
    assert_eq!(verdict(&house, &hold).await, ExpiryVerdict::NotAsked);
    house.advance(time::Duration::minutes(30)).await;
    wait_until(SOON, async || {
        verdict(&house, &hold).await == ExpiryVerdict::MayEnd
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_of_the_last_second_is_found_when_the_hold_ends() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    house.advance(time::Duration::seconds(29 * 60 + 59)).await;
    wait_until(SOON, async || {
        let asked = "SELECT count(last_polled_at) FROM payment_links";
        house.number(asked).await == 1
    })
    .await;
    house.provider.pays(&hold.code, json!({})).await;
    house.advance(time::Duration::seconds(1)).await;
    wait_until(SOON, async || {
        verdict(&house, &hold).await == ExpiryVerdict::MoneyFound
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_the_provider_is_looking_at_keeps_the_hold() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    let payment = house
        .provider
        .pays(&hold.code, json!({ "status": "in_process" }))
        .await;
    house.advance(time::Duration::minutes(30)).await;
    wait_until(SOON, async || {
        verdict(&house, &hold).await == ExpiryVerdict::InProcess
    })
    .await;
    // The end of it is found without a notification, too.
    house
        .provider
        .changes(&payment, json!({ "status": "rejected" }))
        .await;
    house.advance(time::Duration::minutes(4)).await;
    wait_until(SOON, async || {
        verdict(&house, &hold).await == ExpiryVerdict::MayEnd
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_asked_about_more_often_near_its_end_and_not_for_days_after_it() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    // Now, when it was last asked about, and whether it is due again; it ends at 12:30:00.
    let cases = [
        ("12:02:59", None, false),
        ("12:03:01", None, true),
        ("12:10:00", Some("12:07:01"), false),
        ("12:10:00", Some("12:06:59"), true),
        ("12:28:35", Some("12:28:16"), false),
        ("12:28:37", Some("12:28:16"), true),
        ("12:30:00", Some("12:29:59"), true),
        ("12:30:30", Some("12:30:00"), false),
        ("12:40:00", Some("12:39:00"), false),
        ("12:40:00", Some("12:36:59"), true),
    ];
    let at = |time: &str| OffsetDateTime::parse(&format!("2026-03-01T{time}Z"), &Rfc3339).unwrap();
    let mut conn = house.database.conn().await;
    for (now, polled, due) in cases {
        let polled = polled.map_or("NULL".to_owned(), |polled| format!("'2026-03-01 {polled}Z'"));
        house
            .sql(&format!("UPDATE payment_links SET last_polled_at = {polled}"))
            .await;
        let now = at(now);
        let rhythm = PollRhythm {
            now,
            asked_before: now - time::Duration::minutes(3),
            near_end: now + time::Duration::seconds(90),
            near_asked_before: now - time::Duration::seconds(20),
        };
        let found = payment_links::due_for_poll(&mut conn, rhythm, 10).await.unwrap();
        assert_eq!(!found.is_empty(), due, "at {now}, asked at {polled}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_away_holds_stay_in_doubt_and_health_says_so() {
    let house = House::new().await;
    let desk = house
        .open_with(&[
            ("PAYMENT_JOB_TICK_MILLISECONDS", "30"),
            ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "1"),
        ])
        .await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    house
        .provider
        .fails("GET", "/v1/payments", 100_000, json!({ "status": 500 }))
        .await;
    house.advance(time::Duration::minutes(31)).await;
    wait_until(SOON, async || {
        let check = desk.probe("/healthz").await.body["checks"]["mercadopago"].clone();
        check["status"] == "warning" && check["holds_in_grace"] == 1
    })
    .await;
    assert_eq!(verdict(&house, &hold).await, ExpiryVerdict::NotAsked);
    house.provider.heals().await;
    wait_until(SOON, async || {
        verdict(&house, &hold).await == ExpiryVerdict::MayEnd
    })
    .await;
    wait_until(SOON, async || {
        desk.probe("/healthz").await.body["status"] == "healthy"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_cannot_be_read_hides_nobody_elses_money() {
    let house = House::new().await;
    let desk = house.open().await;
    let (ill, well) = (house.hold().await, house.hold().await);
    desk.link(&ill.code).await;
    desk.link(&well.code).await;
    let broken = house.provider.pays(&ill.code, json!({})).await;
    house.provider.pays(&well.code, json!({})).await;
    let path = format!("/v1/payments/{broken}");
    house
        .provider
        .fails("GET", &path, 100_000, json!({ "status": 200, "body": "what?" }))
        .await;
    house.advance(time::Duration::minutes(4)).await;
    wait_until(SOON, async || house.announced(&well.code).await.len() == 2).await;
    assert_eq!(house.announced(&ill.code).await, ["payment.link_ready"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_comes_an_hour_after_its_hold_ended_is_found_without_a_notification() {
    let house = House::new().await;
    let desk = house.open().await;
    let hold = house.hold().await;
    desk.link(&hold.code).await;
    house
        .sql("UPDATE reservations SET reservation_status = 'expired'")
        .await;
    let event = v1::ReservationExpired {
        reservation: Some(House::facts(&hold)),
    };
    house.announce(&event).await;
    wait_until(SOON, async || house.live_links(&hold).await.is_empty()).await;
    house.provider.pays(&hold.code, json!({})).await;
    house.advance(time::Duration::minutes(62)).await;
    wait_until(SOON, async || house.announced(&hold.code).await.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approved_money_that_nobody_settles_is_announced_again_for_the_reservation_it_is_attached_to() {
    let house = House::new().await;
    let desk = house.open().await;
    let (named, meant) = (house.hold().await, house.hold().await);
    let payment = house.provider.pays("bk-17", json!({})).await;
    house.notified("payment", &payment).await;
    let id = house.known(&payment).await;
    assert_eq!(desk.resolve(id, "credit", Some(&meant.code)).await.status, 200);
    assert_eq!(house.announced(&meant.code).await, ["payment.approved"]);
    house.advance(time::Duration::seconds(61)).await;
    wait_until(SOON, async || {
        let told = house.announced(&meant.code).await;
        told.iter().filter(|event| *event == "payment.approved").count() == 2
    })
    .await;
    assert!(
        !house
            .announced(&named.code)
            .await
            .contains(&"payment.approved".to_owned())
    );
    assert_eq!(house.announced("bk-17").await, [""; 0]);
}
