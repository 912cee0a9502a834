//! News of money that come often, late, never, or from nowhere.

use events::{Event, v1};
use messaging::topology::EVENTS_EXCHANGE;
use messaging::{Broker, BrokerSettings, Message, Publisher, dead_letters};
use prost::Message as _;
use storage::payments::Resolution;
use testkit::wait_until;
use time::Duration;
use uuid::Uuid;

use crate::house::{House, SOON, topology};
use crate::till::{DEPOSIT, facts, judged, pay_silently, pesos};

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
    let broker = broker(&house);
    publish(&broker, &copies.chain(others).collect::<Vec<_>>()).await;
    broker.stop();

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
async fn news_of_money_that_nobody_stored_wait_for_a_person_and_hold_up_nothing() {
    let house = House::with_broker().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    let payment = pay_silently(&house, &held.code, pesos(DEPOSIT), "approved").await;
    let known = facts(&held.code, &payment);
    let mut unknown = known.clone();
    unknown.id = Uuid::new_v4().to_string();
    let mut nameless = known.clone();
    nameless.id = "x".to_owned();
    let name = <v1::PaymentApproved as Event>::NAME;
    let messages = [nameless, unknown, known].map(|payment| {
        let event = v1::PaymentApproved {
            payment: Some(payment),
        };
        Message::to_exchange(EVENTS_EXCHANGE, name, Uuid::new_v4(), event.encode_to_vec())
    });
    let broker = broker(&house);
    publish(&broker, &messages).await;
    assert_eq!(judged(&house, payment.id).await, Resolution::Confirmed);
    wait_until(SOON, async || {
        dead_letters::count(&broker).await.is_ok_and(|count| 2 <= count)
    })
    .await;
    broker.stop();
}

fn broker(house: &House) -> Broker {
    let settings = BrokerSettings::new(house.broker_url().as_str(), "payments").unwrap();
    Broker::start(settings.with_topology(topology()))
}

async fn publish(broker: &Broker, messages: &[Message]) {
    let publisher = Publisher::new(broker);
    wait_until(SOON, async || {
        let results = publisher.publish_all(messages).await;
        results.iter().all(Result::is_ok)
    })
    .await;
}
