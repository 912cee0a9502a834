//! Which money is announced as real, and which waits for a person.

use diesel_async::AsyncConnection;
use domain::payment::PaymentState;
use mercadopago::payment::Payment;
use payments::use_cases::record::{Recorded, record};
use serde_json::{Value, json};
use storage::payments::FoundBy;

use crate::house::House;
use crate::provider::COLLECTOR;

/// An approved payment of 300 pesos as the provider shows it, last changed `minute` minutes after noon.
pub(crate) fn reading(id: u64, code: &str, minute: u8) -> Value {
    json!({
        "id": id, "status": "approved", "status_detail": "accredited", "external_reference": code,
        "transaction_amount": 300, "transaction_amount_refunded": 0, "currency_id": "ARS", "collector_id": COLLECTOR,
        "operation_type": "regular_payment", "date_created": "2026-03-01T12:00:00.000Z",
        "date_approved": "2026-03-01T12:00:00.000Z",
        "date_last_updated": format!("2026-03-01T12:{minute:02}:00.000Z"),
    })
}

/// `reading` with some fields as in `change`.
pub(crate) fn but(mut reading: Value, change: &Value) -> Value {
    for (field, value) in change.as_object().unwrap() {
        reading[field] = value.clone();
    }
    reading
}

/// The provider shows this, and it is recorded.
pub(crate) async fn shows(house: &House, reading: Value) -> Recorded {
    shows_to(house, Some(&COLLECTOR.to_string()), reading).await
}

async fn shows_to(house: &House, collector: Option<&str>, reading: Value) -> Recorded {
    let payment: Payment = serde_json::from_value(reading).unwrap();
    // Events are put in order by their millisecond.
    house.clock.advance(time::Duration::milliseconds(1));
    let context = house.context();
    let mut conn = house.database.conn().await;
    let recorded =
        conn.transaction(async |conn| record(conn, &context, collector, FoundBy::Webhook, &payment).await);
    recorded.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_real_money_of_ours_is_announced_and_all_else_waits_for_a_person() {
    let house = House::new().await;
    let cases = [
        (
            json!({ "external_reference": "RES260301222222" }),
            "unknown_reservation",
        ),
        (json!({ "external_reference": "bk-17" }), "unknown_reservation"),
        (json!({ "external_reference": null }), "unknown_reservation"),
        (json!({ "currency_id": "USD" }), "wrong_currency"),
        (json!({ "currency_id": "doubloons" }), "wrong_currency"),
        (json!({ "currency_id": null }), "wrong_currency"),
        (json!({ "collector_id": 1 }), "wrong_collector"),
        (json!({ "collector_id": null }), "wrong_collector"),
        (
            json!({ "operation_type": "card_validation", "transaction_amount": 0 }),
            "wrong_operation",
        ),
        (json!({ "operation_type": "money_transfer" }), "wrong_operation"),
        (json!({ "operation_type": null }), "wrong_operation"),
        (json!({ "transaction_amount": null }), "incomplete"),
        (json!({ "transaction_amount": -300 }), "incomplete"),
        (json!({ "transaction_amount": 300.005 }), "incomplete"),
        (json!({ "date_last_updated": null }), "incomplete"),
        (json!({ "date_last_updated": "last Tuesday" }), "incomplete"),
        (json!({ "status": "teleported" }), "unknown_state"),
    ];
    for (id, (change, reason)) in (1..).zip(cases) {
        let hold = house.hold().await;
        let recorded = shows(&house, but(reading(id, &hold.code, 1), &change)).await;
        match recorded {
            Recorded::Parked {
                new: true,
                reason: why,
            } => assert_eq!(why.as_str(), reason, "{change}"),
            other => panic!("{change}: {other:?}"),
        }
        let id = id.to_string();
        assert_eq!(house.payment(&id, "park_reason").await, reason);
        assert_eq!(house.payment(&id, "resolution").await, "parked", "{change}");
        assert_eq!(house.announced(&hold.code).await, [""; 0], "{change}");
        let known = !house.payment(&id, "reservation_id").await.is_empty();
        let told = if known { vec!["payment_parked"] } else { vec![] };
        assert_eq!(house.story(&hold).await, told, "{change}");
        assert_eq!(known, reason != "unknown_reservation", "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_much_money_came_is_no_matter_of_the_guard() {
    let house = House::new().await;
    for (id, amount) in (1..).zip([json!(0.01), json!(299.99), json!("300.00"), json!(3e3)]) {
        let hold = house.hold().await;
        let change = json!({ "transaction_amount": amount });
        let recorded = shows(&house, but(reading(id, &hold.code, 1), &change)).await;
        let approved = Recorded::Advanced {
            new: true,
            state: PaymentState::Approved,
        };
        assert_eq!(recorded, approved, "{amount}");
        assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_has_not_said_which_account_is_its_own_takes_any() {
    let house = House::new().await;
    let hold = house.hold().await;
    let elsewhere = but(reading(1, &hold.code, 1), &json!({ "collector_id": 1 }));
    shows_to(&house, None, elsewhere).await;
    assert_eq!(house.announced(&hold.code).await, ["payment.approved"]);
}
