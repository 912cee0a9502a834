//! Money that arrives: it confirms, completes, revives, goes back, or waits for a person; never nothing.

use domain::payment::PaymentState;
use events::v1;
use reservations::use_cases::settle_payment::Settled;
use reservations::use_cases::sweep_payments::sweep_payments;
use serde_json::json;
use storage::payments::{PaymentReading, Resolution};
use testkit::wait_until;
use time::Duration;
use time::macros::date;

use crate::calendars;
use crate::house::{House, SOON};
use crate::till::{
    self, DEPOSIT, Money, TRACE, announce, facts, judged, pay, pay_silently, pesos, refund_requests,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deposit_confirms_the_stay() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    assert_eq!(
        held.body["deposit"],
        json!({ "amount": "900.00", "currency": "ARS" })
    );

    let payment = pay(&house, &held.code, pesos(DEPOSIT)).await;
    assert_eq!(judged(&house, payment).await, Resolution::Confirmed);

    let shown = desk.show(&held).await.body;
    let state = [
        &shown["status"],
        &shown["payment_status"],
        &shown["paid"]["amount"],
    ];
    assert_eq!(state, ["confirmed", "paid", "900.00"]);
    assert_eq!(shown["confirmed_at"], "2026-03-01T12:00:00Z");
    assert_eq!(shown["expires_at"], json!(null));
    assert_eq!(
        house.events(&held.code).await,
        ["reservation.confirmed.v1", "reservation.held.v1"]
    );
    let detail = desk
        .staff_get(&format!("/admin/reservations/{}", held.code))
        .await
        .body;
    let line = &detail["timeline"][1];
    assert_eq!(
        [&line["kind"], &line["actor"], &line["trace_id"]],
        ["confirmed", "system:reservations", TRACE]
    );
    assert_eq!(line["detail"]["paid_minor"], 90_000);
    // A confirmed stay never runs out.
    house.clock.advance(Duration::hours(1));
    assert!(house.expire().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn part_of_the_deposit_is_credited_and_the_rest_confirms_and_a_second_deposit_goes_back() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;

    let part = pay(&house, &held.code, pesos(DEPOSIT - 1)).await;
    assert_eq!(judged(&house, part).await, Resolution::PartiallyPaid);
    let shown = desk.show(&held).await.body;
    assert_eq!(
        [&shown["status"], &shown["payment_status"]],
        ["pre_reserved", "partially_paid"]
    );

    let rest = pay(&house, &held.code, pesos(1)).await;
    assert_eq!(judged(&house, rest).await, Resolution::Confirmed);
    let second = pay(&house, &held.code, pesos(DEPOSIT)).await;
    assert_eq!(judged(&house, second).await, Resolution::Refunded);

    let shown = desk.show(&held).await.body;
    let state = [
        &shown["status"],
        &shown["payment_status"],
        &shown["paid"]["amount"],
    ];
    assert_eq!(state, ["confirmed", "paid", "900.00"]);
    assert_eq!(
        house.story(&held.code).await,
        ["held", "partially_paid", "confirmed", "refund_requested"]
    );
    let refunds = refund_requests(&house, &held.code).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!(
        (refunds[0].payment_id.as_str(), refunds[0].reason.as_str()),
        (second.to_string().as_str(), "second_payment")
    );
    assert_eq!(refunds[0].amount.as_ref().unwrap().minor, DEPOSIT * 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_money_revives_a_stay_whose_nights_are_free() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let expired = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let cancelled = desk.held(lodging, "2026-04-09", "2026-04-12").await;
    desk.cancel(&cancelled).await;
    house.run_out().await;
    assert_eq!(house.status(&expired.code).await, "expired");

    for (held, end) in [(&expired, "expired"), (&cancelled, "cancelled")] {
        let payment = pay(&house, &held.code, pesos(2_000)).await;
        assert_eq!(judged(&house, payment).await, Resolution::Revived);
        assert_eq!(house.status(&held.code).await, "confirmed");
        assert_eq!(house.story(&held.code).await, ["held", end, "revived"]);
        let events = house.events(&held.code).await;
        assert!(
            events.contains(&"reservation.confirmed.v1".to_owned()),
            "{events:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_money_goes_back_if_the_stay_cannot_live_again() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let mut gone = Vec::new();
    for reason in ["nights_taken", "late_and_short", "nights_taken", "nights_taken"] {
        let lodging = desk.lodging().await;
        gone.push((
            lodging,
            desk.held(lodging, "2026-04-06", "2026-04-09").await,
            reason,
        ));
    }
    house.run_out().await;
    let other = desk.held(gone[0].0, "2026-04-08", "2026-04-10").await;
    let feed = calendars::feed(&house, gone[2].0).await;
    calendars::block(
        &house,
        gone[2].0,
        feed,
        (date!(2026 - 04 - 06), date!(2026 - 04 - 07)),
    )
    .await;
    let closed = desk
        .staff_post(
            &format!("/admin/accommodations/{}/deactivate", gone[3].0),
            &json!({}),
        )
        .await;
    assert_eq!(closed.status, 200);

    for (_, held, reason) in gone {
        let whole = if reason == "late_and_short" {
            DEPOSIT - 1
        } else {
            DEPOSIT
        };
        let payment = pay(&house, &held.code, pesos(whole)).await;
        assert_eq!(judged(&house, payment).await, Resolution::Refunded);
        assert_eq!(house.status(&held.code).await, "expired");
        assert_eq!(
            house.story(&held.code).await,
            ["held", "expired", "refund_requested"]
        );
        let refunds = refund_requests(&house, &held.code).await;
        let told: Vec<_> = refunds.iter().map(|event| event.reason.as_str()).collect();
        assert_eq!(told, [reason]);
        assert_eq!(refunds[0].payment_id, payment.to_string());
    }
    assert_eq!(house.status(&other.code).await, "pre_reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_in_another_currency_waits_for_a_person_and_is_judged_once() {
    let house = House::new().await;
    let desk = house.open().await;
    // The second is none that the house sells in at all.
    for currency in ["USD", "EUR"] {
        let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
        let money = Money {
            minor: 90_000,
            currency,
        };
        let payment = pay_silently(&house, &held.code, money, "approved").await;
        house.clock.advance(Duration::seconds(11));

        let mut conn = house.database.conn().await;
        let swept = sweep_payments(&mut conn, &house.context()).await.unwrap();
        assert_eq!(swept, [Settled::Parked], "{currency}");
        let stored = till::stored(&house, payment.id).await;
        assert_eq!(stored.resolution, Some(Resolution::Parked));
        assert_eq!(stored.park_reason.as_deref(), Some("wrong_currency"));
        assert_eq!(house.status(&held.code).await, "pre_reserved");

        house.clock.advance(Duration::seconds(11));
        let swept = sweep_payments(&mut conn, &house.context()).await.unwrap();
        assert_eq!(swept, []);
        assert_eq!(till::stored(&house, payment.id).await.parked_at, stored.parked_at);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_goes_back_before_it_is_judged_confirms_nothing() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let payment = pay_silently(&house, &held.code, pesos(DEPOSIT), "approved").await;
    let back = PaymentReading {
        refunded_minor: payment.reading.amount_minor,
        ..payment.reading.clone()
    };
    till::advance(&house, &payment, &back).await;
    house.clock.advance(Duration::seconds(11));
    let mut conn = house.database.conn().await;
    let swept = sweep_payments(&mut conn, &house.context()).await.unwrap();
    assert_eq!(swept, [Settled::Nothing]);
    assert_eq!(house.story(&held.code).await, ["held"]);
    let swept = sweep_payments(&mut conn, &house.context()).await.unwrap();
    assert_eq!(swept, [], "it is judged");
    // Nor does it keep the nights.
    house.run_out().await;
    assert_eq!(house.status(&held.code).await, "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_goes_back_or_is_disputed_is_reckoned_anew() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let payment = pay_silently(&house, &held.code, pesos(DEPOSIT), "approved").await;
    let fact = || Some(facts(&held.code, &payment));
    announce(&house, &v1::PaymentApproved { payment: fact() }).await;
    judged(&house, payment.id).await;
    let told = async |kind: &str, reading: PaymentReading| {
        till::advance(&house, &payment, &reading).await;
        let lines = house.story(&held.code).await.len();
        match kind {
            "payment_disputed" => announce(&house, &v1::PaymentDisputed { payment: fact() }).await,
            "dispute_ended" => announce(&house, &v1::PaymentApproved { payment: fact() }).await,
            _ => {
                let amount = Some(v1::Money {
                    minor: 1,
                    currency: "ARS".to_owned(),
                });
                let reason = "host".to_owned();
                announce(
                    &house,
                    &v1::PaymentRefunded {
                        payment: fact(),
                        amount,
                        reason,
                    },
                )
                .await;
            }
        }
        wait_until(SOON, async || lines < house.story(&held.code).await.len()).await;
        assert_eq!(house.story(&held.code).await[lines], kind);
        let shown = desk.show(&held).await.body;
        assert_eq!(shown["status"], "confirmed");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        [text(&shown["payment_status"]), text(&shown["paid"]["amount"])]
    };
    let approved = payment.reading.clone();
    let read = |state: &str, refunded_minor| PaymentReading {
        state: PaymentState::from(state),
        refunded_minor,
        ..approved.clone()
    };
    assert_eq!(
        told("payment_disputed", read("in_mediation", 0)).await,
        ["disputed", "0.00"]
    );
    assert_eq!(
        told("dispute_ended", read("approved", 0)).await,
        ["paid", "900.00"]
    );
    assert_eq!(
        told("payment_refunded", read("approved", 10_000)).await,
        ["partially_paid", "800.00"]
    );
    assert_eq!(
        told("payment_refunded", read("refunded", 90_000)).await,
        ["refunded", "0.00"]
    );
}
