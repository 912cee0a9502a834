//! RabbitMQ for this house: a connection that comes back by itself, one declared topology, confirmed publishing,
//! consumers with retries and dead letters, and the relay that empties the outbox.
//!
//! What is promised, and by which part:
//!
//! - A committed event reaches every queue of [`topology::all`]: the [`relay`] marks an outbox row only
//!   after the broker confirmed it, so a crash repeats an event but never loses one.
//! - A delivery is acknowledged only after its handler is done, or after a confirmed copy of it lies in a retry
//!   queue or among the [`dead_letters`].
//! - Doubles are therefore possible and are absorbed by the inbox (`storage::inbox`), in the handler's transaction.
//!
//! This crate does not know what any one event means.

pub mod broker;
pub mod consumer;
pub mod dead_letters;
pub mod message;
pub mod publisher;
pub mod relay;
pub mod topology;

mod link;
mod metrics;

pub use broker::{Broker, BrokerSettings};
pub use consumer::{Consumers, Delivery, Outcome, RawDelivery, RunningConsumers};
pub use message::Message;
pub use publisher::Publisher;
pub use relay::Relay;

use std::sync::Arc;

use time::OffsetDateTime;

/// The clock of the process, so that tests may freeze it.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;
