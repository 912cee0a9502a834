//! Exchanges and queues, declared by code and by every service alike.
//!
//! ```text
//!  relay ──▶ alojamientos.events (topic) ──▶ payments.reservation-held, concierge.reservation-confirmed, …
//!                                              │ retry: confirmed copy, then acknowledge
//!                                              ▼
//!            alojamientos.retry.5s │ .30s │ .2m │ .10m   (exchange and queue of that name; TTL = the delay)
//!                                              │ TTL over: default exchange, routing key = the queue it came from
//!                                              ▼
//!                                            payments.reservation-held
//!  rejected, or retried in vain ──▶ alojamientos.dead
//! ```
//!
//! All services declare all queues, from the catalogue in `events`: an event published before its consumer ever ran
//! waits for it. Declaring is idempotent; a queue whose arguments must change gets a new name.

mod declare;
mod retry_ladder;
mod subscriptions;

pub(crate) use declare::declare;
pub use retry_ladder::{RetryLadder, RetryStep};
pub use subscriptions::{Subscription, all};

/// The topic exchange of all events; the routing key is the event's name.
pub const EVENTS_EXCHANGE: &str = "alojamientos.events";

/// Where messages end that nobody could process; on-call lists, replays or drops them.
pub const DEAD_QUEUE: &str = "alojamientos.dead";

/// Deliveries that `webhooks` could not store because PostgreSQL was down; it reads them back itself.
pub const WEBHOOK_FALLBACK_QUEUE: &str = "webhooks.delivery-fallback";

/// How often the broker hands one message out before it takes it for one that kills its consumer.
///
/// Panics are caught and use the retry ladder; this limit is for messages that end the whole process. It is high
/// because in RabbitMQ 3 every lost connection counts too. What reaches it is dead-lettered, not dropped.
pub(crate) const DELIVERY_LIMIT: i32 = 100;

/// What to declare: the queues of these subscriptions and the steps of this ladder.
#[derive(Debug, Clone)]
pub struct Topology {
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) ladder: RetryLadder,
}

impl Default for Topology {
    fn default() -> Self {
        Self {
            subscriptions: all(),
            ladder: RetryLadder::default(),
        }
    }
}

impl Topology {
    /// A topology of other subscriptions; tests declare only what they need, since each quorum queue takes time.
    #[must_use]
    pub fn new(subscriptions: Vec<Subscription>, ladder: RetryLadder) -> Self {
        Self {
            subscriptions,
            ladder,
        }
    }

    /// Only the queues of these listeners, with the default delays.
    #[must_use]
    pub fn of_services(services: &[&str]) -> Self {
        let mut topology = Self::default();
        topology
            .subscriptions
            .retain(|subscription| services.contains(&subscription.consumer));
        topology
    }

    /// The same queues with other delays between retries.
    #[must_use]
    pub fn with_ladder(self, ladder: RetryLadder) -> Self {
        Self { ladder, ..self }
    }

    /// Whether any queue hears `event`. One that nobody hears may be published; the broker then drops it.
    #[must_use]
    pub fn is_heard(&self, event: &str) -> bool {
        self.subscriptions
            .iter()
            .any(|subscription| subscription.event == event)
    }
}
