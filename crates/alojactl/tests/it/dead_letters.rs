//! `alojactl dead-letters`, on a broker with messages that a service gave up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::reservation::Actor;
use events::Event as _;
use events::v1::{Reservation, ReservationHeld};
use messaging::topology::{RetryLadder, Subscription, Topology};
use messaging::{
    Broker, BrokerSettings, Consumers, Delivery, Outcome, Relay, RunningConsumers, dead_letters,
};
use serde_json::{Value, json};
use service::clock::Clock;
use storage::{Context, outbox};
use testkit::{TestBroker, TestDatabase, wait_until};
use uuid::Uuid;

use crate::program::{self, Said};

const SOON: Duration = Duration::from_secs(20);
const QUEUE: &str = "payments.reservation-held";

fn clock() -> messaging::Clock {
    let clock = Clock::system();
    Arc::new(move || clock.now())
}

/// A service that rejects whatever it gets until it is mended.
struct House {
    database: TestDatabase,
    rabbit: TestBroker,
    broker: Broker,
    mended: Arc<AtomicBool>,
    _service: RunningConsumers,
}

impl House {
    async fn new() -> Self {
        let rabbit = TestBroker::create().await;
        let topology = Topology::new(
            vec![Subscription {
                consumer: "payments",
                event: ReservationHeld::NAME,
            }],
            RetryLadder::default(),
        );
        let settings = BrokerSettings::new(rabbit.url().as_str(), "payments").unwrap();
        let broker = Broker::start(settings.with_topology(topology));
        assert!(broker.connected().await);
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = mended.clone();
        let service = Consumers::new(&broker, clock()).on(move |_: Delivery<ReservationHeld>| {
            std::future::ready(if is_mended.load(Ordering::SeqCst) {
                Outcome::Done
            } else {
                Outcome::Reject("the lodging has no account".into())
            })
        });
        Self {
            database: TestDatabase::create().await,
            rabbit,
            _service: service.start().unwrap(),
            broker,
            mended,
        }
    }

    /// Announces a hold and waits until the service has given it up.
    async fn given_up(&self, code: &str) -> Uuid {
        let before = dead_letters::count(&self.broker).await.unwrap();
        let reservation = Some(Reservation {
            code: code.to_owned(),
            ..Reservation::default()
        });
        let event = ReservationHeld {
            reservation,
            ..ReservationHeld::default()
        };
        let database = self.database.database();
        let context = Context::new(clock()(), Actor::Guest, None);
        let id = outbox::append(&database.get().await.unwrap(), &context, &event)
            .await
            .unwrap();
        Relay::new(database, &self.broker, clock()).drain().await.unwrap();
        self.until_there_are(before + 1).await;
        id
    }

    async fn until_there_are(&self, count: u32) {
        wait_until(SOON, async || {
            dead_letters::count(&self.broker).await.unwrap() == count
        })
        .await;
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let arguments = [&["dead-letters"], arguments].concat();
        program::run(&arguments, &[("AMQP_URL", self.rabbit.url().as_str())]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_shown_and_sent_back_once_the_cause_is_mended() {
    let house = House::new().await;
    assert_eq!(house.run(&["list"]).await.out, "no hay mensajes en espera\n");
    let ana = house.given_up("RES-ANA").await.to_string();
    let eva = house.given_up("RES-EVA").await.to_string();

    let listed = house.run(&["list"]).await;
    let lines: Vec<_> = listed.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}{}", listed.out, listed.err);
    for part in [
        ana.as_str(),
        QUEUE,
        "RES-ANA",
        "intentos: 1; the lodging has no account",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    let values = house.run(&["list", "--json"]).await;
    let values: Value = serde_json::from_str(&values.out).unwrap();
    assert_eq!(
        (&values[1]["id"], &values[1]["about"]),
        (&json!(eva), &json!("RES-EVA"))
    );
    let shown = house.run(&["show", &eva]).await;
    assert!(
        shown.out.contains("reservation.held.v1") && shown.out.contains("code: \"RES-EVA\""),
        "{}",
        shown.out
    );

    house.mended.store(true, Ordering::SeqCst);
    let replayed = house.run(&["replay", "--id", &ana]).await;
    assert_eq!(replayed.out, "devueltos a sus colas: 1\n", "{}", replayed.err);
    house.until_there_are(1).await;
    assert_eq!(house.run(&["replay", "--queue", QUEUE]).await.code, 0);
    house.until_there_are(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_forgotten_only_on_a_plain_word() {
    let house = House::new().await;
    house.given_up("RES-ANA").await;
    house.given_up("RES-EVA").await;

    let unsaid = house.run(&["drop", "--all"]).await;
    assert!(unsaid.code == 1 && unsaid.err.contains("--yes"), "{}", unsaid.err);
    let nobodys = house
        .run(&["drop", "--id", &Uuid::nil().to_string(), "--yes"])
        .await;
    assert!(
        nobodys.code == 1 && nobodys.err.contains("no hay ningún mensaje así"),
        "{}",
        nobodys.err
    );
    assert_eq!(house.run(&["drop", "--yes"]).await.code, 2);
    house.until_there_are(2).await;

    let forgotten = house.run(&["drop", "--all", "--yes"]).await;
    assert_eq!(forgotten.out, "olvidados: 2\n", "{}", forgotten.err);
    house.until_there_are(0).await;
}

#[tokio::test]
async fn a_broker_that_is_away_is_told() {
    let nowhere = [("AMQP_URL", "amqp://127.0.0.1:1/nowhere")];
    let said = program::run(&["dead-letters", "list"], &nowhere).await;
    assert!(
        said.code == 1 && said.err.contains("no se puede llegar a RabbitMQ"),
        "{}",
        said.err
    );
}
