//! Every kind of news; and news that is no longer true is not told.

use events::v1;
use serde_json::json;
use testkit::wait_until;
use uuid::Uuid;

use crate::house::{House, PHONE, SOON, Stay, facts, link_ready, pesos};
use crate::replica::Replica;

fn payment(stay: &Stay, id: Uuid) -> v1::Payment {
    v1::Payment {
        id: id.to_string(),
        reservation_id: stay.id.to_string(),
        reservation_code: stay.code.clone(),
        amount: Some(pesos(45_000)),
        refunded: Some(pesos(45_000)),
        ..v1::Payment::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_news_has_its_message() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house
        .order("/whatsapp/guest", json!({ "from": PHONE, "text": "Hola" }))
        .await;
    wait_until(SOON, async || !house.messages().await.is_empty()).await;
    let stay = house.stay("pre_reserved").await;
    let id = Uuid::new_v4();

    house.announce(&link_ready(&stay)).await;
    house.wait_for_arrivals(PHONE, 1).await;
    let rejected = v1::PaymentRejected {
        payment: Some(v1::Payment {
            refunded: None,
            ..payment(&stay, id)
        }),
    };
    house.announce(&rejected).await;
    house.wait_for_arrivals(PHONE, 2).await;
    house.set_status(&stay, "expired").await;
    let expired = v1::ReservationExpired {
        reservation: Some(facts(&stay)),
    };
    house.announce(&expired).await;
    house.wait_for_arrivals(PHONE, 3).await;
    house.set_status(&stay, "cancelled").await;
    let cancelled = v1::ReservationCancelled {
        reservation: Some(facts(&stay)),
        by: "guest".to_owned(),
        reason: "un motivo interno".to_owned(),
    };
    house.announce(&cancelled).await;
    house.wait_for_arrivals(PHONE, 4).await;
    let refunded = v1::PaymentRefunded {
        payment: Some(payment(&stay, id)),
        amount: Some(pesos(45_000)),
        reason: "cancelled_by_policy".to_owned(),
    };
    house.announce(&refunded).await;
    house.wait_for_arrivals(PHONE, 5).await;

    let calls = house.calls().await;
    let said: Vec<_> = calls
        .iter()
        .map(|call| call["text"]["body"].as_str().unwrap())
        .collect();
    for (text, part) in said.iter().zip([
        "antes del martes 24 de noviembre a las 9:30: https://pagar.example/1",
        "El pago de ARS 45.000,00 por tu reserva",
        "venció porque el pago no llegó a tiempo",
        "quedó cancelada",
        "Devolvimos ARS 45.000,00 de tu reserva",
    ]) {
        assert!(text.contains(part), "{text}");
        assert!(!text.contains("{{") && !text.contains("motivo interno"), "{text}");
    }
    let messages = house.messages().await;
    let mut facts: Vec<_> = messages
        .iter()
        .filter(|row| row.direction == "out")
        .map(|row| row.fact.split(':').next().unwrap())
        .collect();
    facts.sort_unstable();
    assert_eq!(
        facts,
        [
            "payment.link_ready.v1",
            "payment.refunded.v1",
            "payment.rejected.v1",
            "reservation.cancelled.v1",
            "reservation.expired.v1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_whose_hold_ends_soon_is_reminded_once_and_again_of_a_new_end() {
    let house = House::open().await;
    let stay = house.stay("pre_reserved").await;
    let mark = "UPDATE reservations SET reminded_at = created_at";
    let extend = "UPDATE reservations SET expires_at = expires_at + interval '1 day'";
    house.execute(mark).await;
    let _replicas = tokio::join!(Replica::start(&house), Replica::start(&house));
    house.wait_for_state("read").await;
    house.execute(extend).await;
    house.wait_for_arrivals(PHONE, 2).await;

    let calls = house.calls().await;
    let places: Vec<_> = calls
        .iter()
        .map(|call| {
            assert_eq!(call["template"]["name"], "recordatorio_de_pago");
            let places = &call["template"]["components"][0]["parameters"];
            (places[1]["text"].clone(), places[3]["text"].clone())
        })
        .collect();
    let first = (json!(stay.code), json!("martes 24 de noviembre a las 9:30"));
    let second = (json!(stay.code), json!("miércoles 25 de noviembre a las 9:30"));
    assert_eq!(places, [first, second]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_pay_is_not_sent_for_a_stay_that_is_paid_by_now() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let stay = house.stay("confirmed").await;
    house.announce(&link_ready(&stay)).await;
    let row = house.wait_for_state("failed").await;
    assert_eq!(row.failure.as_deref(), Some("obsolete"));
    assert_eq!(house.calls().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_pay_is_not_sent_after_its_end() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    house.clock.advance(time::Duration::minutes(31));
    let stay = house.stay("pre_reserved").await;
    house.announce(&link_ready(&stay)).await;
    let row = house.wait_for_state("failed").await;
    assert_eq!(row.failure.as_deref(), Some("too_late"));
    assert_eq!(house.calls().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_belongs_to_no_stay_is_no_news_for_anybody_and_a_broken_event_is_kept() {
    let house = House::open().await;
    let _replica = Replica::start(&house).await;
    let parked = v1::Payment {
        reservation_id: String::new(),
        ..payment(&house.stay("confirmed").await, Uuid::new_v4())
    };
    let refunded = v1::PaymentRefunded {
        payment: Some(parked),
        amount: Some(pesos(45_000)),
        reason: String::new(),
    };
    house.announce(&refunded).await;
    house.announce(&v1::ReservationConfirmed::default()).await;
    let nobody = Stay {
        id: Uuid::new_v4(),
        code: "RES261124NOBODY".to_owned(),
    };
    house.announce_confirmed(&nobody).await;
    wait_until(SOON, async || house.dead().await == 2).await;
    assert_eq!(house.messages().await.len(), 0);
}
