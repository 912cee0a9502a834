//! Money that `reservations` has judged to go back, whether its event arrives or not.

use events::v1;
use serde_json::json;
use storage::payments::Resolution;
use testkit::wait_until;
use uuid::Uuid;

use super::{judged, paid, states, until};
use crate::house::{Hold, House, SOON};

/// `reservations` wants money to go back, whole or as much as `minor`.
async fn wanted(house: &House, hold: &Hold, payment: Option<Uuid>, minor: i64) {
    let event = v1::ReservationRefundRequested {
        reservation: Some(House::facts(hold)),
        payment_id: payment.map(|id| id.to_string()).unwrap_or_default(),
        amount: Some(v1::Money {
            minor,
            currency: "ARS".to_owned(),
        }),
        reason: "nights_taken".to_owned(),
    };
    house.announce(&event).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reservations_judges_to_go_back_goes_back_once() {
    let house = House::new().await;
    let _desk = house.open().await;
    let (hold, _, id) = paid(&house).await;
    // Twice, as events may come: there is no more than the whole to give.
    wanted(&house, &hold, Some(id), 30_000).await;
    wanted(&house, &hold, Some(id), 30_000).await;
    until(&house, id, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(0));

    // By policy: half of all that the stay was paid, newest payment first.
    let (hold, _, first) = paid(&house).await;
    house.advance(time::Duration::seconds(1)).await;
    let second = house
        .provider
        .pays(&hold.code, json!({ "transaction_amount": 100 }))
        .await;
    house.notified("payment", &second).await;
    let second = house.known(&second).await;
    judged(&house, second, Resolution::Confirmed).await;
    wanted(&house, &hold, None, 20_000).await;
    until(&house, first, &["done"]).await;
    until(&house, second, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(200));
    let amounts = house
        .words("SELECT amount_minor FROM refunds ORDER BY created_at, id")
        .await;
    assert_eq!(amounts, ["30000", "10000", "10000"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stay_was_paid_with_goes_back_and_a_second_payment_by_itself() {
    let house = House::new().await;
    let _desk = house.open().await;
    let (hold, _, first) = paid(&house).await;
    house.advance(time::Duration::seconds(1)).await;
    let second = house.provider.pays(&hold.code, json!({})).await;
    house.notified("payment", &second).await;
    let second = house.known(&second).await;
    judged(&house, second, Resolution::Refunded).await;
    // The guest cancels before the second payment's own wish has arrived.
    wanted(&house, &hold, None, 30_000).await;
    until(&house, first, &["done"]).await;
    assert_eq!(states(&house, second).await, [""; 0]);
    wanted(&house, &hold, Some(second), 30_000).await;
    until(&house, second, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_nobody_asked_for_in_time_is_made_all_the_same() {
    let house = House::new().await;
    let _desk = house.open().await;
    let hold = house.hold().await;
    let payment = house.provider.pays(&hold.code, json!({})).await;
    house.notified("payment", &payment).await;
    let id = house.known(&payment).await;
    // Judged, and the event is lost.
    judged(&house, id, Resolution::Refunded).await;
    house.advance(time::Duration::minutes(14)).await;
    assert_eq!(states(&house, id).await, [""; 0]);
    house.advance(time::Duration::minutes(2)).await;
    until(&house, id, &["done"]).await;
    assert_eq!(house.provider.held(&hold.code).await, json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_must_go_back_while_it_is_disputed_waits_for_a_person() {
    let house = House::new().await;
    let desk = house.open().await;
    let (hold, payment, id) = paid(&house).await;
    house.advance(time::Duration::seconds(1)).await;
    house
        .provider
        .changes(&payment, json!({ "status": "in_mediation" }))
        .await;
    house.notified("payment", &payment).await;
    wait_until(SOON, async || house.announced(&hold.code).await.len() == 2).await;
    wanted(&house, &hold, None, 30_000).await;
    wait_until(SOON, async || desk.parked().await == [id]).await;
    assert_eq!(states(&house, id).await, [""; 0]);
    // Nothing can be given back or credited of it now.
    let refused = desk.resolve(id, "refund", None).await;
    assert_eq!(refused.problem(), (409, "decision_impossible"));
    // The dispute ends well for the house: the question stays.
    house.advance(time::Duration::seconds(1)).await;
    house
        .provider
        .changes(&payment, json!({ "status": "approved" }))
        .await;
    house.notified("payment", &payment).await;
    wait_until(SOON, async || {
        house.payment(&payment, "state").await == "approved"
    })
    .await;
    assert_eq!(desk.parked().await, [id]);
    assert_eq!(desk.resolve(id, "refund", None).await.status, 200);
    until(&house, id, &["done"]).await;
}
