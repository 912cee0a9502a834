//! Links to pay by: one for one debt, whatever the guest's telephone and the provider do.

use std::time::{Duration, Instant};

use events::v1;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use testkit::{Answer, wait_until};
use uuid::Uuid;

use crate::house::{GUEST, House, SOON};
use crate::provider::TOO_SLOW;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_askers_at_once_at_two_replicas_get_one_link() {
    let house = House::new().await;
    let desks = [house.open().await, house.open().await];
    let hold = house.hold().await;
    let asked = (0..20).map(|number| desks[number % 2].link(&hold.code));
    let answers = join_all(asked).await;
    let first = answers[0].body.clone();
    assert_eq!(first["amount"], json!({ "amount": "300.00", "currency": "ARS" }));
    assert_eq!(first["expires_at"], "2026-03-01T12:30:00Z");
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &first), "{}", answer.text);
    }
    assert_eq!(house.provider.preferences(&hold.code).await.len(), 1);
    assert_eq!(house.announced(&hold.code).await, ["payment.link_ready"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_telephone_gets_the_same_link_and_a_changed_debt_another() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let first = desk.link(&hold.code).await.body;
    assert_eq!(desk.link(&hold.code).await.body, first);

    house.advance(time::Duration::minutes(1)).await;
    // Part of it is paid: a link for the rest, and the old one ends at the provider.
    house
        .sql("UPDATE reservations SET paid_minor = 10000, payment_status = 'partially_paid'")
        .await;
    let rest = desk.link(&hold.code).await.body;
    assert_eq!(rest["amount"]["amount"], "200.00");
    assert_ne!(rest["url"], first["url"]);

    house.advance(time::Duration::minutes(1)).await;
    // The hold lasts longer: a link that lasts as long.
    house
        .sql("UPDATE reservations SET expires_at = '2026-03-02 12:30Z'")
        .await;
    let longer = desk.link(&hold.code).await.body;
    assert_eq!(longer["expires_at"], "2026-03-02T12:30:00Z");

    let live = house.live_links(&hold).await;
    assert_eq!(live, [longer["url"].as_str().unwrap()]);
    assert_eq!(house.provider.preferences(&hold.code).await.len(), 3);
    assert_eq!(house.provider.payable(&hold.code, house.clock.now()).await, live);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_owes_nothing_gets_no_link_and_strangers_none_either() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let path = format!("/reservations/{}/payment-link", hold.code);
    let ask = || desk.request(Method::POST, &path, "guest");
    let key = || Uuid::new_v4().to_string();

    let unnamed = Answer::to(ask().header("idempotency-key", key())).await;
    assert_eq!(unnamed.status, 401);
    let stranger = ask()
        .bearer_auth("another guest's")
        .header("idempotency-key", key());
    assert_eq!(
        Answer::to(stranger).await.problem(),
        (404, "reservation_not_found")
    );
    assert_eq!(Answer::to(ask().bearer_auth(GUEST)).await.status, 400);
    assert_eq!(
        desk.link("RES260301222222").await.problem(),
        (404, "reservation_not_found")
    );
    assert_eq!(
        desk.link("nonsense").await.problem(),
        (404, "reservation_not_found")
    );

    let cases = [
        ("paid_minor = 30000, payment_status = 'paid'", "already_paid"),
        ("paid_minor = 0, expires_at = '2026-03-01 12:00Z'", "hold_expired"),
        ("reservation_status = 'expired'", "reservation_not_payable"),
        ("reservation_status = 'cancelled'", "reservation_not_payable"),
        (
            "reservation_status = 'confirmed', expires_at = NULL",
            "reservation_not_payable",
        ),
    ];
    for (change, code) in cases {
        house.sql(&format!("UPDATE reservations SET {change}")).await;
        assert_eq!(desk.link(&hold.code).await.problem(), (409, code), "{change}");
    }
    assert_eq!(house.provider.preferences(&hold.code).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_is_repeated_with_the_same_key_and_makes_one_link() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let faults = [
        json!({ "status": 500 }),
        json!({ "status": 500, "after_effect": true }),
        json!({ "status": 423 }),
        json!({ "status": 424 }),
        json!({ "status": 429, "headers": { "Retry-After": "0" } }),
        json!({ "then": "close" }),
        json!({ "then": "close", "after_effect": true }),
        json!({ "delay_ms": TOO_SLOW.as_millis() }),
    ];
    for fault in faults {
        let hold = house.hold().await;
        let before = house.provider.keys("POST", "/checkout/preferences").await.len();
        house
            .provider
            .fails("POST", "/checkout/preferences", 1, fault.clone())
            .await;
        let answer = desk.link(&hold.code).await;
        assert_eq!(answer.status, 200, "{fault}: {}", answer.text);
        let keys = house.provider.keys("POST", "/checkout/preferences").await;
        assert_eq!(keys.len(), before + 2, "{fault}");
        assert_eq!(keys[before], keys[before + 1], "{fault}");
        assert_eq!(house.provider.preferences(&hold.code).await.len(), 1, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_asks_for_patience_gets_it() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    let hold = house.hold().await;
    let fault = json!({ "status": 429, "headers": { "Retry-After": "1" } });
    house
        .provider
        .fails("POST", "/checkout/preferences", 1, fault)
        .await;
    let start = Instant::now();
    assert_eq!(desk.link(&hold.code).await.status, 200);
    assert!(Duration::from_secs(1) <= start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_away_the_guest_hears_later_and_then_the_link_comes_by_itself() {
    let house = House::new().await;
    let desk = house.open_with(&[
        ("PAYMENT_JOB_TICK_MILLISECONDS", "30"),
        ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "1"),
    ]);
    let desk = desk.await;
    let hold = house.hold().await;
    house
        .provider
        .fails("POST", "/checkout/preferences", 1_000, json!({ "status": 503 }))
        .await;
    let later = desk.link(&hold.code).await;
    assert_eq!(later.problem(), (503, "payment_link_later"), "{}", later.text);
    assert_eq!(later.header("retry-after"), "5");
    assert_eq!(house.live_links(&hold).await, ["unanswered"]);

    house.provider.heals().await;
    wait_until(SOON, async || {
        house.advance(time::Duration::seconds(2)).await;
        house.live_links(&hold).await != ["unanswered"]
    })
    .await;
    let keys = house.provider.keys("POST", "/checkout/preferences").await;
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(house.announced(&hold.code).await, ["payment.link_ready"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_does_not_answer_is_left_alone_and_tried_again_after_a_while() {
    let house = House::new().await;
    let desk = house
        .open_with(&[
            ("PAYMENT_JOB_TICK_MILLISECONDS", "3600000"),
            ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "1"),
        ])
        .await;
    house
        .provider
        .fails("POST", "/checkout/preferences", 1_000, json!({ "status": 502 }))
        .await;
    assert!(desk.metric("provider_circuit_open").await < 0.5);
    // Five failures in a row open it.
    for _ in 0..2 {
        let hold = house.hold().await;
        assert_eq!(desk.link(&hold.code).await.status, 503);
    }
    assert!(desk.metric("provider_circuit_open").await > 0.5);
    let health = desk.probe("/healthz").await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("degraded")));
    assert_eq!(health.body["checks"]["mercadopago"]["status"], "warning");
    let asked = house.provider.asked("POST", "/checkout/preferences").await.len();
    let hold = house.hold().await;
    assert_eq!(desk.link(&hold.code).await.status, 503);
    let again = house.provider.asked("POST", "/checkout/preferences").await.len();
    assert_eq!(again, asked, "nothing goes out while it is open");

    house.provider.heals().await;
    wait_until(SOON, async || {
        let hold = house.hold().await;
        desk.link(&hold.code).await.status == 200
    })
    .await;
    assert!(desk.metric("provider_circuit_open").await < 0.5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_gets_its_link_by_its_event_or_without_it() {
    let house = House::new().await;
    let desk = house.open().await;
    let (told, untold) = (house.hold().await, house.hold().await);
    let held = v1::ReservationHeld {
        reservation: Some(House::facts(&told)),
        ..v1::ReservationHeld::default()
    };
    // Twice: events may.
    house.announce(&held).await;
    house.announce(&held).await;
    wait_until(SOON, async || house.live_links(&told).await.len() == 1).await;
    assert_eq!(house.live_links(&untold).await, [""; 0]);
    house.advance(time::Duration::seconds(11)).await;
    for hold in [&told, &untold] {
        wait_until(SOON, async || {
            house.announced(&hold.code).await == ["payment.link_ready"]
        })
        .await;
        assert_eq!(house.provider.preferences(&hold.code).await.len(), 1);
        assert_eq!(desk.link(&hold.code).await.status, 200);
    }
    assert_eq!(
        house.provider.asked("POST", "/checkout/preferences").await.len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_intent_that_a_crash_left_behind_is_finished_under_its_own_key() {
    let house = House::new().await;
    let hold = house.hold().await;
    let id = Uuid::new_v4();
    house
        .sql(&format!(
            "INSERT INTO payment_links (id, reservation_id, reservation_code, amount_minor, currency, expires_at, \
             attempts, next_attempt_at, created_at, updated_at) VALUES ('{id}', '{}', '{}', 30000, 'ARS', \
             '2026-03-01 12:30Z', 1, '2026-03-01 12:00:25Z', '2026-03-01 12:00Z', '2026-03-01 12:00Z')",
            hold.id, hold.code
        ))
        .await;
    let _desk = house.open().await;
    // The lease of whoever died must run out first.
    house.advance(time::Duration::seconds(30)).await;
    wait_until(SOON, async || house.announced(&hold.code).await.len() == 1).await;
    let keys = house.provider.keys("POST", "/checkout/preferences").await;
    assert_eq!(keys, [id.to_string()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_after_his_lease_finds_the_link_of_his_successor_alive() {
    let house = House::new().await;
    let (slow, quick) = (house.open_without_jobs().await, house.open_without_jobs().await);
    let hold = house.hold().await;
    let fault = json!({ "delay_ms": 350 });
    house
        .provider
        .fails("POST", "/checkout/preferences", 1, fault)
        .await;
    let successor = async {
        wait_until(SOON, async || {
            !house
                .provider
                .asked("POST", "/checkout/preferences")
                .await
                .is_empty()
        })
        .await;
        house.advance(time::Duration::seconds(30)).await;
        quick.link(&hold.code).await
    };
    let (first, second) = tokio::join!(slow.link(&hold.code), successor);
    assert_eq!((first.status, &first.body), (200, &second.body), "{}", first.text);
    house.advance(time::Duration::seconds(1)).await;
    let payable = house.provider.payable(&hold.code, house.clock.now()).await;
    assert_eq!(payable, [second.body["url"].as_str().unwrap()]);
    assert_eq!(house.announced(&hold.code).await, ["payment.link_ready"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_debt_is_over_nobody_can_pay_by_its_link() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    for end in ["confirmed", "cancelled", "expired"] {
        let hold = house.hold().await;
        assert_eq!(desk.link(&hold.code).await.status, 200);
        house.advance(time::Duration::minutes(1)).await;
        house
            .sql(&format!(
                "UPDATE reservations SET reservation_status = '{end}', expires_at = NULL WHERE id = '{}'",
                hold.id
            ))
            .await;
        let reservation = Some(House::facts(&hold));
        match end {
            "confirmed" => {
                let event = v1::ReservationConfirmed {
                    reservation,
                    ..v1::ReservationConfirmed::default()
                };
                house.announce(&event).await;
            }
            "cancelled" => {
                let event = v1::ReservationCancelled {
                    reservation,
                    ..v1::ReservationCancelled::default()
                };
                house.announce(&event).await;
            }
            _ => house.announce(&v1::ReservationExpired { reservation }).await,
        }
        wait_until(SOON, async || {
            house
                .provider
                .payable(&hold.code, house.clock.now())
                .await
                .is_empty()
        })
        .await;
        assert_eq!(house.live_links(&hold).await, [""; 0], "{end}");
    }
}
