//! Nights that become free: by cancelling, and by time.

use futures_util::future::join_all;
use reservations::use_cases::expire_holds::expire_holds;
use testkit::wait_until;
use time::Duration;
use time::macros::date;

use crate::calendars;
use crate::house::{House, SOON, wish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_nights_are_sold_to_the_next_guest_at_once() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    for _ in 0..3 {
        let held = desk.held(lodging, "2026-04-01", "2026-04-04").await;
        let taken = desk.hold(&wish(lodging, "2026-04-03", "2026-04-05")).await;
        assert_eq!(taken.refusal(), (409, "nights_taken", "check_in"));
        let cancelled = desk.cancel(&held).await;
        assert_eq!(
            (cancelled.status, &cancelled.body["status"]),
            (200, &"cancelled".into())
        );
        assert_eq!(
            house.events(&held.code).await,
            ["reservation.cancelled.v1", "reservation.held.v1"]
        );
        assert_eq!(house.story(&held.code).await, ["held", "cancelled"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_day_of_departure_is_the_next_guests_day_of_arrival() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    desk.held(lodging, "2026-04-04", "2026-04-06").await;
    desk.held(lodging, "2026-04-01", "2026-04-04").await;
    desk.held(lodging, "2026-04-06", "2026-04-07").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nights_of_a_hold_that_ran_out_are_sold_before_any_job_comes_by() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let first = desk.held(lodging, "2026-04-01", "2026-04-04").await;
    assert_eq!(first.body["expires_at"], "2026-03-01T12:30:00Z");

    house
        .clock
        .advance(Duration::minutes(30) - Duration::microseconds(1));
    let early = desk.hold(&wish(lodging, "2026-04-01", "2026-04-04")).await;
    assert_eq!(early.status, 409);
    house.clock.advance(Duration::microseconds(1));
    let second = desk.held(lodging, "2026-04-03", "2026-04-05").await;

    assert_eq!(house.status(&first.code).await, "expired");
    assert_eq!(house.story(&first.code).await, ["held", "expired"]);
    assert_eq!(
        house.events(&first.code).await,
        ["reservation.expired.v1", "reservation.held.v1"]
    );
    assert_eq!(house.status(&second.code).await, "pre_reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nights_that_another_channel_closes_are_sold_only_after_it_opens_them() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let feed = calendars::feed(&house, lodging).await;
    let block = calendars::block(
        &house,
        lodging,
        feed,
        (date!(2026 - 04 - 02), date!(2026 - 04 - 03)),
    )
    .await;
    let refused = desk.hold(&wish(lodging, "2026-04-01", "2026-04-04")).await;
    assert_eq!(refused.refusal(), (409, "nights_taken", "check_in"));
    desk.held(lodging, "2026-04-01", "2026-04-02").await;
    calendars::unblock(&house, block).await;
    desk.held(lodging, "2026-04-02", "2026-04-04").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_expirers_at_once_end_each_hold_once() {
    let house = House::new().await;
    let desk = house.open().await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        let lodging = desk.lodging().await;
        for day in 1..=5 {
            let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
            codes.push(desk.held(lodging, &check_in, &check_out).await.code);
        }
    }
    house.clock.advance(Duration::minutes(30));
    let (context, policy) = (house.context(), house.policy());
    let replicas = (0..3).map(async |_| {
        let mut ended = 0;
        let mut conn = house.database.conn().await;
        // A lodging that another has in hand is left for the next time.
        for _ in 0..3 {
            ended += expire_holds(&mut conn, &context, &policy).await.unwrap().len();
        }
        ended
    });
    let ended: usize = join_all(replicas).await.into_iter().sum();
    assert_eq!(ended, codes.len());
    for code in codes {
        assert_eq!(house.story(&code).await, ["held", "expired"]);
        assert_eq!(
            house.events(&code).await,
            ["reservation.expired.v1", "reservation.held.v1"]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_look_for_holds_that_ran_out_by_themselves() {
    let house = House::new().await;
    let often = [("EXPIRER_SECONDS", "1")];
    let (desk, _second) = (house.open_with(&often).await, house.open_with(&often).await);
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-01", "2026-04-04").await;
    house.clock.advance(Duration::minutes(30));
    wait_until(SOON, async || house.status(&held.code).await == "expired").await;
    assert_eq!(house.story(&held.code).await, ["held", "expired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_that_wait_for_their_money_do_not_keep_others_from_ending() {
    let house = House::new().await;
    let desk = house.open().await;
    let waiting = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    house.execute(&many_with_money_in_process(&waiting.code)).await;
    house.clock.advance(Duration::milliseconds(1));
    let other = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    house.clock.advance(Duration::minutes(30));
    let ended = house.expire().await;
    assert!(ended.contains(&other.code), "{ended:?}");
    assert_eq!(ended.len(), 2, "and the one that was copied");
}

/// Copies the hold `code` to 250 lodgings of their own, where the provider looks at its payment.
fn many_with_money_in_process(code: &str) -> String {
    format!(
        "WITH places AS ( \
            INSERT INTO accommodations (name, base_price_minor, created_at, updated_at) \
            SELECT 'Cabaña ' || number, 100000, now(), now() FROM generate_series(1, 250) AS numbers (number) \
            RETURNING id \
         ), holds AS ( \
            INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, \
                guests, contact_name, contact_email, contact_keys, currency, total_minor, deposit_minor, quote, \
                expires_at, access_token_hash, calendar_changed_at, created_at, updated_at) \
            SELECT gen_random_uuid(), 'RES260301' || translate(lpad(places.id::text, 6, '0'), '01', 'YZ'), places.id, \
                check_in, check_out, reservation_status, channel, guests, contact_name, contact_email, contact_keys, \
                currency, total_minor, deposit_minor, quote, expires_at, access_token_hash, calendar_changed_at, \
                created_at, updated_at \
            FROM reservations, places WHERE code = '{code}' \
            RETURNING id \
         ) \
         INSERT INTO payments (id, provider_payment_id, reservation_id, state, amount_minor, currency, \
            provider_updated_at, found_by, created_at, updated_at) \
         SELECT gen_random_uuid(), id::text, id, 'in_process', 90000, 'ARS', now(), 'webhook', now(), now() FROM holds"
    )
}
