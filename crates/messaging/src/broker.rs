//! The broker as a service sees it: two supervised connections, their state, and the sizes of queues.
//!
//! Publishing and consuming use connections of their own, because RabbitMQ blocks a connection that publishes during a
//! memory or disk alarm, and consumers are what ends such an alarm.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use lapin::{options::QueueDeclareOptions, types::FieldTable, uri::AMQPUri};
use tokio_util::sync::CancellationToken;

pub use crate::link::LinkError;
use crate::{
    link::{self, Link, State},
    topology::Topology,
};

/// How to reach the broker, and how long to wait for it.
#[derive(Clone)]
pub struct BrokerSettings {
    pub(crate) uri: AMQPUri,
    pub(crate) service: &'static str,
    pub(crate) topology: Topology,
    pub(crate) connect_timeout: Duration,
    pub(crate) declare_timeout: Duration,
    pub(crate) answer_timeout: Duration,
    pub(crate) reconnect_at_most_every: Duration,
}

/// The address is not one of RabbitMQ. It is not repeated here, since it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("not an AMQP address, such as amqp://user:password@host:5672/%2f")]
pub struct InvalidAddress;

impl BrokerSettings {
    /// Settings for `service` (its name, as in the queues) with the address of the broker and the default limits.
    ///
    /// # Errors
    ///
    /// [`InvalidAddress`] if `url` is not an AMQP address.
    pub fn new(url: &str, service: &'static str) -> Result<Self, InvalidAddress> {
        Ok(Self {
            uri: url.parse().map_err(|_why: String| InvalidAddress)?,
            service,
            topology: Topology::default(),
            connect_timeout: Duration::from_secs(5),
            // Creating every quorum queue on a fresh broker takes a while.
            declare_timeout: Duration::from_secs(30),
            // Below the 5 s after which PostgreSQL ends an idle transaction: the relay waits inside one.
            answer_timeout: Duration::from_secs(3),
            reconnect_at_most_every: Duration::from_secs(5),
        })
    }

    /// Declares another topology; for tests.
    #[must_use]
    pub fn with_topology(self, topology: Topology) -> Self {
        Self { topology, ..self }
    }

    /// How long one answer of the broker (a confirm, a declaration) may take before the connection is replaced.
    #[must_use]
    pub fn with_answer_timeout(self, answer_timeout: Duration) -> Self {
        Self {
            answer_timeout,
            ..self
        }
    }

    /// How long connecting may take before it is tried anew.
    #[must_use]
    pub fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            ..self
        }
    }

    /// The longest pause between two attempts to connect.
    #[must_use]
    pub fn with_reconnect_at_most_every(self, reconnect_at_most_every: Duration) -> Self {
        Self {
            reconnect_at_most_every,
            ..self
        }
    }
}

impl fmt::Debug for BrokerSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BrokerSettings")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// A handle on the broker; cheap to clone. It starts at once and needs no broker to do so.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Arc<BrokerSettings>,
    publishing: Link,
    /// Opened by the first consumer: the gateway and the command line have none.
    consuming: OnceLock<Link>,
    stop: CancellationToken,
}

/// Whether the broker can be used for publishing now.
#[derive(Debug, Clone)]
pub enum BrokerStatus {
    /// Connected, with the time of the latest round trip (zero before the first).
    Up {
        /// How long the broker took to answer the latest probe.
        latency: Duration,
    },
    /// Connected, but the broker has a memory or disk alarm and takes no messages; consumers go on.
    Blocked,
    /// Not connected.
    Down {
        /// Since when.
        since: Instant,
        /// Why, in words without addresses.
        cause: &'static str,
    },
}

impl Broker {
    /// Starts connecting in the background.
    #[must_use]
    pub fn start(settings: BrokerSettings) -> Self {
        let settings = Arc::new(settings);
        let stop = CancellationToken::new();
        let publishing = Link::start(settings.clone(), "publishing", stop.child_token());
        Self {
            inner: Arc::new(Inner {
                settings,
                publishing,
                consuming: OnceLock::new(),
                stop,
            }),
        }
    }

    /// Whether it can be used now, from memory: costs nothing.
    #[must_use]
    pub fn status(&self) -> BrokerStatus {
        match self.inner.publishing.state() {
            State::Up { connection, .. } if connection.status().blocked() => BrokerStatus::Blocked,
            State::Up { latency, .. } => BrokerStatus::Up { latency },
            State::Down { since, cause } => BrokerStatus::Down { since, cause },
        }
    }

    /// Asks the broker now and measures the round trip; for health checks.
    ///
    /// # Errors
    ///
    /// [`LinkError`], whose text contains no address.
    pub async fn probe(&self) -> Result<Duration, LinkError> {
        let link = &self.inner.publishing;
        let asked = Instant::now();
        let opened = link.channel().await?;
        link.within(opened.generation, link::probe(&opened.channel))
            .await?;
        Ok(asked.elapsed())
    }

    /// Returns when there is a connection; `false` when the broker was stopped.
    pub async fn connected(&self) -> bool {
        self.inner.publishing.connected().await
    }

    /// How many messages wait in `queue`, not counting those in a consumer's hands.
    ///
    /// # Errors
    ///
    /// [`LinkError`], also if there is no such queue.
    pub async fn depth(&self, queue: &str) -> Result<u32, LinkError> {
        let link = &self.inner.publishing;
        let opened = link.channel().await?;
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let declared = opened
            .channel
            .queue_declare(queue.into(), options, FieldTable::default());
        Ok(link.within(opened.generation, declared).await?.message_count())
    }

    /// Closes the connections; call it last, when consumers and relay have stopped.
    pub fn stop(&self) {
        self.inner.stop.cancel();
    }

    pub(crate) fn publishing(&self) -> &Link {
        &self.inner.publishing
    }

    pub(crate) fn consuming(&self) -> &Link {
        self.inner.consuming.get_or_init(|| {
            Link::start(
                self.inner.settings.clone(),
                "consuming",
                self.inner.stop.child_token(),
            )
        })
    }

    pub(crate) fn settings(&self) -> &BrokerSettings {
        &self.inner.settings
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
