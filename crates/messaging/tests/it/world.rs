//! A database and a broker of one's own, and a service between them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use events::v1;
use messaging::{
    Broker, BrokerSettings, Clock, Consumers, Delivery, Outcome, Relay, RunningConsumers,
    broker::BrokerStatus,
    topology::{RetryLadder, Subscription, Topology},
};
use testkit::{TestBroker, TestDatabase, wait_until};
use time::{OffsetDateTime, macros::datetime};
use url::Url;

use crate::events_of_tests::HELD;

/// The longest that anything but a broker's restart may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const QUEUE: &str = "payments.reservation-held";

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) rabbit: TestBroker,
    pub(crate) topology: Topology,
}

/// The clock stands.
pub(crate) fn now() -> OffsetDateTime {
    datetime!(2026-03-01 12:00 UTC)
}

pub(crate) fn clock() -> Clock {
    Arc::new(now)
}

/// One queue, and retries within milliseconds.
pub(crate) fn topology() -> Topology {
    let ladder = RetryLadder::new(&[50, 60, 70, 80].map(Duration::from_millis));
    Topology::new(
        vec![Subscription {
            consumer: "payments",
            event: HELD,
        }],
        ladder,
    )
}

impl World {
    pub(crate) async fn new() -> Self {
        Self {
            database: TestDatabase::create().await,
            rabbit: TestBroker::create().await,
            topology: topology(),
        }
    }

    /// A connected broker handle of the service `payments`.
    pub(crate) async fn broker(&self) -> Broker {
        self.broker_at(&self.rabbit.url()).await
    }

    pub(crate) async fn broker_at(&self, url: &Url) -> Broker {
        let broker = self.broker_of("payments", url);
        connected(&broker).await;
        broker
    }

    pub(crate) fn broker_of(&self, service: &'static str, url: &Url) -> Broker {
        let settings = BrokerSettings::new(url.as_str(), service)
            .unwrap()
            .with_topology(self.topology.clone())
            .with_reconnect_at_most_every(Duration::from_millis(200));
        Broker::start(settings)
    }

    pub(crate) fn relay(&self, broker: &Broker) -> Relay {
        Relay::new(self.database.database(), broker, clock())
    }
}

pub(crate) async fn connected(broker: &Broker) {
    wait_until(SOON, async || matches!(broker.status(), BrokerStatus::Up { .. })).await;
}

pub(crate) fn consume<H, F>(broker: &Broker, handler: H) -> RunningConsumers
where
    H: Fn(Delivery<v1::ReservationHeld>) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    Consumers::new(broker, clock()).on(handler).start().unwrap()
}

/// What handlers have seen, in order.
#[derive(Clone, Default)]
pub(crate) struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Seen<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }

    pub(crate) fn push(&self, value: T) {
        self.0.lock().unwrap().push(value);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub(crate) async fn wait_for(&self, count: usize) -> Vec<T> {
        wait_until(SOON, async || count <= self.len()).await;
        self.all()
    }
}

pub(crate) async fn depth(broker: &Broker, queue: &str) -> u32 {
    broker.depth(queue).await.unwrap()
}
