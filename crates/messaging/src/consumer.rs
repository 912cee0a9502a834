//! Consuming events: a queue per event, a handler per queue, and a word from it on what became of each delivery.
//!
//! ```ignore
//! let running = Consumers::new(&broker, clock)
//!     .on(move |delivery: Delivery<ReservationHeld>| { let state = state.clone(); async move { … Outcome::Done } })
//!     .start()?;
//! …
//! running.stop(Duration::from_secs(10)).await;
//! ```

mod delivery;
mod outcome;
mod running;
pub(crate) mod settle;
mod worker;

use std::{collections::HashSet, sync::Arc};

use events::Event;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use delivery::{Delivery, RawDelivery, Undecodable};
pub use outcome::{Cause, Outcome};
pub use running::RunningConsumers;

use crate::{Broker, Clock, Publisher, metrics::Deliveries, topology::Subscription};
use settle::Settlement;
use worker::Worker;

/// How many deliveries of one queue a service works on at once, unless told otherwise: several queues share a pool of
/// 10 database connections.
const PREFETCH: u16 = 4;

/// Turns the bytes of one delivery into a verdict.
type Handler = Arc<dyn Fn(RawDelivery) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// All consumers of one service, while they are put together.
pub struct Consumers {
    broker: Broker,
    clock: Clock,
    prefetch: u16,
    registrations: Vec<Registration>,
}

struct Registration {
    queue: String,
    /// The event's name, or the queue's where it carries no events.
    event: String,
    handler: Handler,
}

/// The service's handlers do not fit its rows of the topology: a mistake in the code, found at start.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// There is a handler for a queue that is not declared.
    #[error(
        "{queue} has a handler, but the catalogue of events does not list this service among the listeners"
    )]
    NotListed {
        /// The queue's name.
        queue: String,
    },
    /// There is a queue that nobody would empty.
    #[error("{queue} has no handler: give it one, or ignore the event expressly")]
    NotHandled {
        /// The queue's name.
        queue: String,
    },
    /// Two handlers for one queue.
    #[error("{queue} has two handlers")]
    HandledTwice {
        /// The queue's name.
        queue: String,
    },
}

impl Consumers {
    /// The consumers of the service that `broker` was started for.
    #[must_use]
    pub fn new(broker: &Broker, clock: Clock) -> Self {
        Self {
            broker: broker.clone(),
            clock,
            prefetch: PREFETCH,
            registrations: Vec::new(),
        }
    }

    /// How many deliveries of each queue are worked on at once (4).
    #[must_use]
    pub fn prefetch(self, prefetch: u16) -> Self {
        Self { prefetch, ..self }
    }

    /// Handles one event. Order is not promised, and the same event may come twice: the handler's transaction asks
    /// `storage::inbox::first_time` with [`Delivery::consumer`].
    #[must_use]
    pub fn on<E, H, F>(self, handler: H) -> Self
    where
        E: Event + Send + 'static,
        H: Fn(Delivery<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let queue = self.subscription(E::NAME).queue();
        let consumer = queue.clone();
        let decoding: Handler = Arc::new(move |raw| match Delivery::<E>::decode(&consumer, &raw) {
            Ok(delivery) => handler(delivery).boxed(),
            Err(error) => std::future::ready(Outcome::Reject(error.into())).boxed(),
        });
        self.with(Registration {
            queue,
            event: E::NAME.to_owned(),
            handler: decoding,
        })
    }

    /// Handles a queue that carries no events, such as [`crate::topology::WEBHOOK_FALLBACK_QUEUE`].
    #[must_use]
    pub fn on_queue<H, F>(self, queue: &str, handler: H) -> Self
    where
        H: Fn(RawDelivery) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |raw| handler(raw).boxed());
        self.with(Registration {
            queue: queue.to_owned(),
            event: queue.to_owned(),
            handler,
        })
    }

    /// Starts them all. They wait for the broker if it is not there, and subscribe again whenever it returns.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`] if a queue of this service has no handler, or a handler no queue.
    pub fn start(self) -> Result<RunningConsumers, SubscriptionError> {
        self.check()?;
        let stop = CancellationToken::new();
        let service = self.broker.settings().service;
        let mut workers = JoinSet::new();
        for registration in self.registrations {
            let settlement = Settlement {
                queue: registration.queue.clone(),
                publisher: Publisher::new(&self.broker),
                ladder: self.broker.settings().topology.ladder.clone(),
                clock: self.clock.clone(),
                counted: Deliveries::new(service, &registration.event),
            };
            let worker = Worker {
                link: self.broker.consuming().clone(),
                event: registration.event,
                handler: registration.handler,
                prefetch: self.prefetch,
                settlement: Arc::new(settlement),
                stop: stop.clone(),
            };
            workers.spawn(worker.run());
        }
        Ok(RunningConsumers::new(stop, workers))
    }

    fn with(mut self, registration: Registration) -> Self {
        self.registrations.push(registration);
        self
    }

    fn subscription(&self, event: &'static str) -> Subscription {
        Subscription {
            consumer: self.broker.settings().service,
            event,
        }
    }

    fn check(&self) -> Result<(), SubscriptionError> {
        let settings = self.broker.settings();
        let listed: HashSet<String> = settings
            .topology
            .subscriptions
            .iter()
            .filter(|subscription| subscription.consumer == settings.service)
            .map(Subscription::queue)
            .collect();
        let mut handled = HashSet::new();
        for registration in &self.registrations {
            let queue = registration.queue.clone();
            let carries_events = registration.event != queue;
            if carries_events && !listed.contains(&queue) {
                return Err(SubscriptionError::NotListed { queue });
            }
            if !handled.insert(queue.clone()) {
                return Err(SubscriptionError::HandledTwice { queue });
            }
        }
        match listed.into_iter().find(|queue| !handled.contains(queue)) {
            Some(queue) => Err(SubscriptionError::NotHandled { queue }),
            None => Ok(()),
        }
    }
}
