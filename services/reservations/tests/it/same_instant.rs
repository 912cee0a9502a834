//! Money that arrives at the instant in which its reservation ends.

use futures_util::future::join_all;
use reservations::use_cases::expire_holds::expire_holds;
use storage::payments::Resolution;
use time::Duration;

use crate::house::House;
use crate::till::{DEPOSIT, judged, pay, pesos, refund_requests};

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
async fn a_cancellation_and_its_money_at_the_same_instant_lose_neither() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let mut rounds = Vec::new();
    for _ in 0..16 {
        let lodging = desk.lodging().await;
        rounds.push(desk.held(lodging, "2026-04-06", "2026-04-09").await);
    }
    let paying = join_all(rounds.iter().map(|held| pay(&house, &held.code, pesos(DEPOSIT))));
    let cancelling = join_all(rounds.iter().map(|held| desk.cancel(held)));
    let (payments, cancelled) = tokio::join!(paying, cancelling);
    assert!(cancelled.iter().all(|answer| answer.status == 200));

    for (held, payment) in rounds.iter().zip(payments) {
        let resolution = judged(&house, payment).await;
        let (status, story) = (house.status(&held.code).await, house.story(&held.code).await);
        let refunds = refund_requests(&house, &held.code).await;
        match resolution {
            // The money came late, and the nights were free.
            Resolution::Revived => {
                assert_eq!((status.as_str(), refunds.len()), ("confirmed", 0));
                assert_eq!(story, ["held", "cancelled", "revived"]);
            }
            // The guest called off a stay that was paid, long before arrival.
            Resolution::Confirmed => {
                assert_eq!((status.as_str(), refunds.len()), ("cancelled", 1));
                assert_eq!(refunds[0].amount.as_ref().unwrap().minor, DEPOSIT * 100);
                assert_eq!(story, ["held", "confirmed", "cancelled", "refund_requested"]);
            }
            other => panic!("{}: {other:?}", held.code),
        }
    }
}
