//! Money that arrives: it confirms, completes, revives, goes back, or waits for a person; never nothing.

use domain::payment::PaymentState;
use events::{Event, v1};
use futures_util::future::join_all;
use messaging::topology::EVENTS_EXCHANGE;
use messaging::{Broker, BrokerSettings, Message, Publisher};
use prost::Message as _;
use reservations::use_cases::expire_holds::expire_holds;
use reservations::use_cases::settle_payment::Settled;
use reservations::use_cases::sweep_payments::sweep_payments;
use serde_json::json;
use storage::payments::{PaymentReading, Resolution};
use testkit::wait_until;
use time::Duration;
use time::macros::date;
use uuid::Uuid;

use crate::calendars;
use crate::house::{House, SOON, topology, wish};
use crate::till::{self, Money, TRACE, announce, facts, judged, pay, pay_silently, pesos};

/// The deposit of three nights at 1,000 pesos.
const DEPOSIT: i64 = 900;

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
    let mut conn = house.database.conn().await;
    let expired = expire_holds(&mut conn, &house.context(), &house.policy())
        .await
        .unwrap();
    assert_eq!(expired, []);
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
    run_out(&house).await;
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
    run_out(&house).await;
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
async fn the_same_news_twenty_times_at_once_is_one_confirmation() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let payment = pay_silently(&house, &held.code, pesos(DEPOSIT), "approved").await;
    let event = v1::PaymentApproved {
        payment: Some(facts(&held.code, &payment)),
    };
    // Twenty copies of one message, and twenty messages about one payment.
    let id = Uuid::new_v4();
    let name = <v1::PaymentApproved as Event>::NAME;
    let copies = (0..20).map(|_| Message::to_exchange(EVENTS_EXCHANGE, name, id, event.encode_to_vec()));
    let others =
        (0..20).map(|_| Message::to_exchange(EVENTS_EXCHANGE, name, Uuid::new_v4(), event.encode_to_vec()));
    publish(&house, &copies.chain(others).collect::<Vec<_>>()).await;

    let handled = "SELECT count(*) FROM inbox_events WHERE consumer = 'reservations.payment-approved'";
    wait_until(SOON, async || house.number(handled).await == 21).await;
    assert_eq!(house.story(&held.code).await, ["held", "confirmed"]);
    assert_eq!(
        house.events(&held.code).await,
        ["reservation.confirmed.v1", "reservation.held.v1"]
    );
    assert_eq!(desk.show(&held).await.body["paid"]["amount"], "900.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_whose_event_is_lost_confirms_all_the_same() {
    let house = House::new().await;
    let desk = house.open_with(&[("SWEEP_SECONDS", "1")]).await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let payment = pay_silently(&house, &held.code, pesos(DEPOSIT), "approved").await;
    house.clock.advance(Duration::seconds(11));
    assert_eq!(judged(&house, payment.id).await, Resolution::Confirmed);
    assert_eq!(house.story(&held.code).await, ["held", "confirmed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_and_its_money_at_the_same_instant_end_in_one_state_whoever_wins() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let mut rounds = Vec::new();
    for _ in 0..24 {
        let lodging = desk.lodging().await;
        rounds.push(desk.held(lodging, "2026-04-06", "2026-04-09").await);
    }
    house.clock.advance(Duration::minutes(30));
    let (context, policy) = (house.context(), house.policy());
    let expiring = (0..3).map(async |_| {
        let mut conn = house.database.conn().await;
        for _ in 0..4 {
            expire_holds(&mut conn, &context, &policy).await.unwrap();
        }
    });
    let paying = rounds.iter().map(|held| pay(&house, &held.code, pesos(DEPOSIT)));
    let (_, payments) = tokio::join!(join_all(expiring), join_all(paying));

    let mut revived = 0;
    for (held, payment) in rounds.iter().zip(payments) {
        let resolution = judged(&house, payment).await;
        let story = house.story(&held.code).await;
        let events = house.events(&held.code).await;
        match resolution {
            Resolution::Confirmed => {
                assert_eq!(story, ["held", "confirmed"]);
                assert_eq!(events, ["reservation.confirmed.v1", "reservation.held.v1"]);
            }
            Resolution::Revived => {
                revived += 1;
                assert_eq!(story, ["held", "expired", "revived"]);
                let all = [
                    "reservation.confirmed.v1",
                    "reservation.expired.v1",
                    "reservation.held.v1",
                ];
                assert_eq!(events, all);
            }
            other => panic!("{}: {other:?}", held.code),
        }
        assert_eq!(house.status(&held.code).await, "confirmed");
    }
    assert!(revived <= rounds.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partly_paid_hold_lasts_a_day_longer_once_and_then_its_money_goes_back() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let held = desk.held(lodging, "2026-04-06", "2026-04-09").await;
    let part = pay(&house, &held.code, pesos(100)).await;
    assert_eq!(judged(&house, part).await, Resolution::PartiallyPaid);

    run_out(&house).await;
    assert_eq!(house.status(&held.code).await, "pre_reserved");
    assert_eq!(desk.show(&held).await.body["expires_at"], "2026-03-02T12:30:00Z");
    house.clock.advance(Duration::hours(24) - Duration::seconds(1));
    expire(&house).await;
    assert_eq!(house.status(&held.code).await, "pre_reserved");
    house.clock.advance(Duration::seconds(1));
    expire(&house).await;

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
        expire(&house).await;
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
    run_out(&house).await;
    assert_eq!(house.status(&held.code).await, "expired");
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

/// Half an hour passes, and the job comes by.
async fn run_out(house: &House) {
    house.clock.advance(Duration::minutes(30));
    expire(house).await;
}

async fn expire(house: &House) {
    let mut conn = house.database.conn().await;
    let expired = expire_holds(&mut conn, &house.context(), &house.policy()).await;
    expired.unwrap();
}

async fn refund_requests(house: &House, code: &str) -> Vec<v1::ReservationRefundRequested> {
    let query = format!(
        "SELECT encode(payload, 'hex') FROM outbox_events \
         WHERE correlation_id = '{code}' AND name = 'reservation.refund_requested.v1'"
    );
    let decode = |text: &String| {
        let bytes = hex::decode(text).unwrap();
        v1::ReservationRefundRequested::decode(bytes.as_slice()).unwrap()
    };
    house.words(&query).await.iter().map(decode).collect()
}

async fn publish(house: &House, messages: &[Message]) {
    let settings = BrokerSettings::new(house.broker_url().as_str(), "payments").unwrap();
    let broker = Broker::start(settings.with_topology(topology()));
    let publisher = Publisher::new(&broker);
    wait_until(SOON, async || {
        publisher.publish_all(messages).await.iter().all(Result::is_ok)
    })
    .await;
    broker.stop();
}
