//! The fault table of the architecture: what still works, and what the caller sees, when a neighbour is down, slow by
//! five seconds, or flapping.

mod mercadopago;
mod postgres;
mod rabbitmq;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use testkit::proxy::Fault;

use crate::world::World;
use crate::world::guest::{Answer, Hold};
use crate::world::provider::Payment;

/// How long the services may take to be whole again.
const HEALS_WITHIN: Duration = Duration::from_secs(40);

/// How many bookings are made while a neighbour flaps.
const BOOKINGS: usize = 12;

/// The answer and how long it took.
async fn timed(answer: impl Future<Output = Answer>) -> (Answer, Duration) {
    let began = Instant::now();
    (answer.await, began.elapsed())
}

/// One check of the system's health page.
async fn health_of(world: &World, check: &str) -> Value {
    let page = world.call(Method::GET, "/api/v1/healthz", None, None).await;
    page.body["checks"][check].clone()
}

/// Notifies of a payment now, and gives what the provider hears and after how long.
async fn notify(world: &World, payment: u64) -> (Value, Duration) {
    let notice = serde_json::json!({ "data_id": payment.to_string() });
    let began = Instant::now();
    let (_, sent) = world
        .provider
        .order("/mercadopago/notify", &serde_json::json!({ "notices": [notice] }))
        .await;
    (sent["attempts"][0]["status"].clone(), began.elapsed())
}

/// A hold with its link, paid without a word to us.
async fn paid_silently(world: &World) -> (Hold, u64) {
    let hold = world.hold(world.lodging().await, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world.provider.pay(&link, &Payment::approved().silent()).await;
    (hold, payment.unwrap())
}

/// Books and pays while `trouble` goes on and off, and waits until every stay is confirmed, once and for its deposit.
async fn book_through<F: Future<Output = ()>>(world: &World, trouble: F) {
    let book = async |_number: usize| {
        let key = uuid::Uuid::new_v4().to_string();
        let lodging = world.lodging().await;
        let hold = testkit::wait_for(HEALS_WITHIN, async || {
            world.hold_with(&key, lodging, 10, 2).await.ok()
        })
        .await;
        let link = world.link(&hold).await;
        world.provider.pay(&link, &Payment::approved()).await.unwrap();
        hold
    };
    let confirmed = async {
        let holds = futures_util::future::join_all((0..BOOKINGS).map(book)).await;
        for hold in holds {
            confirmed_in_time(world, &hold).await;
        }
    };
    tokio::select! {
        () = confirmed => {}
        () = trouble => panic!("the trouble goes on and off until all is confirmed"),
    }
    // It may have ended while it was on.
    world.postgres.set(Fault::None);
    world.rabbitmq.set(Fault::None);
    world.provider.heal().await;
    world.wait_until_at_rest().await;
    assert_eq!(world.settled_more_than_once().await, 0);
    assert_eq!(world.refunds_made().await, 0);
}

/// Waits until the stay is confirmed; the clock runs, since work that was in other hands is free again after a while.
async fn confirmed_in_time(world: &World, hold: &Hold) {
    testkit::wait_until(HEALS_WITHIN, async || {
        world.advance(time::Duration::SECOND).await;
        world.look(hold).await.body["status"] == "confirmed"
    })
    .await;
}
