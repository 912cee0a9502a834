//! Holds that ran out and are kept for their money.

use time::Duration;

use crate::house::{House, wish};
use crate::till::{DEPOSIT, judged, pay, pay_silently, pesos, refund_requests};
use storage::payments::Resolution;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partly_paid_hold_lasts_a_day_longer_once_and_then_its_money_goes_back() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let part = pay(&house, &held.code, pesos(100)).await;
    assert_eq!(judged(&house, part).await, Resolution::PartiallyPaid);

    house.run_out().await;
    assert_eq!(house.status(&held.code).await, "pre_reserved");
    assert_eq!(desk.show(&held).await.body["expires_at"], "2026-03-02T12:30:00Z");
    house.clock.advance(Duration::hours(24) - Duration::seconds(1));
    house.expire().await;
    assert_eq!(house.status(&held.code).await, "pre_reserved");
    house.clock.advance(Duration::seconds(1));
    house.expire().await;

    assert_eq!(house.status(&held.code).await, "expired");
    assert_eq!(
        house.story(&held.code).await,
        [
            "held",
            "partially_paid",
            "extended",
            "refund_requested",
            "expired"
        ]
    );
    let refunds = refund_requests(&house, &held.code).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!(refunds[0].reason, "deposit_incomplete");
    assert_eq!(refunds[0].amount.as_ref().unwrap().minor, 10_000);
    desk.held(lodging, "2026-04-06", "2026-04-09").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_is_kept_while_its_money_may_be_on_the_way_but_not_for_ever() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut holds = Vec::new();
    for _ in 0..4 {
        holds.push(desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await);
    }
    let [unasked, asked, in_process, approved] = [0, 1, 2, 3].map(|place: usize| holds[place].code.clone());
    link(&house, &unasked, "2026-03-01 12:29:59").await;
    link(&house, &asked, "2026-03-01 12:30:00").await;
    pay_silently(&house, &in_process, pesos(DEPOSIT), "in_process").await;
    pay_silently(&house, &approved, pesos(DEPOSIT), "approved").await;
    let states = async || {
        house.expire().await;
        let mut states = Vec::new();
        for code in [&unasked, &asked, &in_process, &approved] {
            states.push(house.status(code).await);
        }
        states
    };

    house.clock.advance(Duration::minutes(30));
    assert_eq!(
        states().await,
        ["pre_reserved", "expired", "pre_reserved", "pre_reserved"]
    );
    house.clock.advance(Duration::minutes(10));
    assert_eq!(
        states().await,
        ["expired", "expired", "pre_reserved", "pre_reserved"]
    );
    house.clock.advance(Duration::hours(48));
    assert_eq!(states().await, ["expired", "expired", "expired", "pre_reserved"]);
    // Nor can another guest have the nights whose money is there.
    let lodging = holds[3].body["accommodation_id"].as_i64().unwrap();
    let refused = desk.hold(&wish(lodging, "2026-04-07", "2026-04-08")).await;
    assert_eq!(refused.status, 409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nights_that_are_shown_as_free_can_be_held_also_around_the_end_of_a_hold() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    link(&house, &held.code, "2026-03-01 12:29:59").await;
    let shown_as_free = async || {
        let stay = "check_in=2026-04-07&check_out=2026-04-08";
        let quote = desk.get(&format!("/accommodations/{lodging}/quote?{stay}")).await;
        quote.body["available"] == true
    };
    let ask = async || desk.hold(&wish(lodging, "2026-04-07", "2026-04-08")).await.status;
    assert!(!shown_as_free().await);

    // It ran out, and its money may be on the way: neither shown nor sold.
    house.run_out().await;
    assert!(!shown_as_free().await);
    assert_eq!(ask().await, 409);
    // Its time for money is over, too, but it has not ended yet: still not shown.
    house.clock.advance(Duration::minutes(10));
    assert!(!shown_as_free().await);
    house.expire().await;
    assert!(shown_as_free().await);
    assert_eq!(ask().await, 201);
}

/// A link that the provider was last asked about at `polled`.
async fn link(house: &House, code: &str, polled: &str) {
    house
        .execute(&format!(
            "INSERT INTO payment_links (id, reservation_id, reservation_code, amount_minor, currency, preference_id, \
             url, expires_at, last_polled_at, created_at, updated_at) \
             SELECT gen_random_uuid(), id, code, deposit_minor, currency, 'p', 'https://provider.example/p', \
             expires_at, '{polled}Z', created_at, created_at FROM reservations WHERE code = '{code}'"
        ))
        .await;
}
