//! What `payments` does with money: it stores what the provider shows, and announces it in the same transaction.

use diesel_async::AsyncConnection;
use domain::code::ReservationCode;
use domain::payment::PaymentState;
use events::{Event, v1};
use prost::Message as _;
use storage::payments::{self, FoundBy, NewPayment, PaymentReading, Resolution, StoredPayment};
use storage::{Context, outbox, reservations};
use testkit::wait_for;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::house::{House, SOON};

/// The trace in which the provider's notification was handled.
pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// An amount in hundredths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money {
    pub(crate) minor: i64,
    pub(crate) currency: &'static str,
}

/// The deposit of three nights at 1,000 pesos.
pub(crate) const DEPOSIT: i64 = 900;

pub(crate) fn pesos(whole: i64) -> Money {
    Money {
        minor: whole * 100,
        currency: "ARS",
    }
}

/// Approved money for the reservation `code`, stored and announced.
pub(crate) async fn pay(house: &House, code: &str, money: Money) -> Uuid {
    let payment = new_payment(house, code, money, "approved").await;
    let event = v1::PaymentApproved {
        payment: Some(facts(code, &payment)),
    };
    let mut conn = house.database.conn().await;
    let announced = conn.transaction(async |conn| {
        payments::insert(conn, &payment, house.now()).await?;
        outbox::append(conn, &context(house), &event).await
    });
    announced.await.unwrap();
    payment.id
}

/// Money for the reservation `code` whose event is lost.
pub(crate) async fn pay_silently(house: &House, code: &str, money: Money, state: &str) -> NewPayment {
    let payment = new_payment(house, code, money, state).await;
    let mut conn = house.database.conn().await;
    payments::insert(&mut conn, &payment, house.now()).await.unwrap();
    payment
}

/// What events tell about `payment`.
pub(crate) fn facts(code: &str, payment: &NewPayment) -> v1::Payment {
    let reading = &payment.reading;
    let money = |minor| {
        Some(v1::Money {
            minor,
            currency: reading.currency.clone(),
        })
    };
    v1::Payment {
        id: payment.id.to_string(),
        provider_payment_id: payment.provider_payment_id.clone(),
        reservation_id: reading.reservation.unwrap_or_default().to_string(),
        reservation_code: code.to_owned(),
        amount: money(reading.amount_minor),
        refunded: money(reading.refunded_minor),
        state: reading.state.as_str().to_owned(),
        state_detail: String::new(),
        provider_updated_at: "2026-03-01T12:00:00Z".to_owned(),
    }
}

/// Announces something that `payments` has noted.
pub(crate) async fn announce<E: Event>(house: &House, event: &E) {
    let conn = house.database.conn().await;
    outbox::append(&conn, &context(house), event).await.unwrap();
}

/// The provider shows `payment` otherwise than before.
pub(crate) async fn advance(house: &House, payment: &NewPayment, reading: &PaymentReading) {
    let mut conn = house.database.conn().await;
    payments::advance(&mut conn, payment.id, reading, house.now())
        .await
        .unwrap();
}

pub(crate) async fn stored(house: &House, payment: Uuid) -> StoredPayment {
    let mut conn = house.database.conn().await;
    payments::find(&mut conn, payment).await.unwrap().unwrap()
}

/// What became of the money, once somebody has judged it.
pub(crate) async fn judged(house: &House, payment: Uuid) -> Resolution {
    wait_for(SOON, async || stored(house, payment).await.resolution).await
}

/// The refunds that were asked for, of the reservation `code`.
pub(crate) async fn refund_requests(house: &House, code: &str) -> Vec<v1::ReservationRefundRequested> {
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

async fn new_payment(house: &House, code: &str, money: Money, state: &str) -> NewPayment {
    let code: ReservationCode = code.parse().unwrap();
    let conn = house.database.conn().await;
    let reservation = reservations::find_by_code(&conn, &code).await.unwrap().unwrap();
    let id = Uuid::new_v4();
    NewPayment {
        id,
        provider_payment_id: id.to_string(),
        found_by: FoundBy::Webhook,
        reading: PaymentReading {
            external_reference: Some(code.to_string()),
            reservation: Some(reservation.id),
            state: PaymentState::from(state),
            state_detail: String::new(),
            amount_minor: money.minor,
            refunded_minor: 0,
            currency: money.currency.to_owned(),
            collector_id: "77".to_owned(),
            operation_type: "regular_payment".to_owned(),
            provider_created_at: Some(house.now()),
            provider_approved_at: approved_at(house, state),
            provider_updated_at: house.now(),
        },
    }
}

fn approved_at(house: &House, state: &str) -> Option<OffsetDateTime> {
    (state == "approved").then(|| house.now())
}

fn context(house: &House) -> Context {
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    Context {
        actor: domain::reservation::Actor::System("payments"),
        traceparent: Some(traceparent),
        ..house.context()
    }
}
