//! One connection to the broker that a supervisor keeps alive.
//!
//! lapin's own recovery (`enable_auto_recover`) can hang for good after the broker was killed, so it stays off: on any
//! failure the supervisor drops the connection, connects anew with backoff and declares the topology again. Whoever
//! holds a channel of the old connection gets an error at once, and asks the link for a new one.

mod socket;
mod supervisor;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lapin::{Channel, ExchangeKind, options::ExchangeDeclareOptions, types::FieldTable};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{broker::BrokerSettings, topology::EVENTS_EXCHANGE};
use supervisor::Supervisor;

/// Why a channel could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LinkError {
    /// There is no connection now; the supervisor is trying.
    #[error("not connected to RabbitMQ")]
    NotConnected,
    /// The broker has a memory or disk alarm, and reads nothing from this connection until it is over.
    #[error("RabbitMQ takes no messages now (memory or disk alarm)")]
    Blocked,
    /// The broker did not answer in time; the connection is being replaced.
    #[error("RabbitMQ did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The broker refused.
    #[error("RabbitMQ refused")]
    Refused(#[source] lapin::Error),
}

/// A handle on the supervised connection; cheap to clone.
#[derive(Clone)]
pub(crate) struct Link {
    state: watch::Receiver<State>,
    complaints: mpsc::UnboundedSender<Complaint>,
    settings: Arc<BrokerSettings>,
}

#[derive(Clone)]
pub(crate) enum State {
    Down {
        since: Instant,
        cause: &'static str,
    },
    Up {
        /// Counts the connections of this link, so that a complaint about an old one does not end the new one.
        generation: u64,
        connection: Arc<lapin::Connection>,
        latency: Duration,
    },
}

/// A channel, and which connection it belongs to.
#[derive(Clone)]
pub(crate) struct LinkedChannel {
    pub(crate) generation: u64,
    pub(crate) channel: Channel,
}

struct Complaint {
    generation: u64,
    cause: &'static str,
}

impl Link {
    /// Starts the supervisor; it runs until `stop`. `purpose` tells a service's connections apart at the broker.
    pub(crate) fn start(
        settings: Arc<BrokerSettings>,
        purpose: &'static str,
        stop: CancellationToken,
    ) -> Self {
        let down = State::Down {
            since: Instant::now(),
            cause: "connecting",
        };
        let (states, state) = watch::channel(down);
        let (complaints, received) = mpsc::unbounded_channel();
        let supervisor = Supervisor {
            settings: settings.clone(),
            purpose,
            states,
            complaints: received,
            stop,
        };
        tokio::spawn(supervisor.run());
        Self {
            state,
            complaints,
            settings,
        }
    }

    /// A new channel on the present connection.
    pub(crate) async fn channel(&self) -> Result<LinkedChannel, LinkError> {
        let State::Up {
            generation,
            connection,
            ..
        } = self.state()
        else {
            return Err(LinkError::NotConnected);
        };
        if connection.status().blocked() {
            return Err(LinkError::Blocked);
        }
        let channel = self.within(generation, connection.create_channel()).await?;
        Ok(LinkedChannel { generation, channel })
    }

    /// Waits for one answer of the broker; a late one ends the connection, since its state is unknown.
    pub(crate) async fn within<T>(
        &self,
        generation: u64,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, LinkError> {
        match timeout(self.settings.answer_timeout, answer).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(LinkError::Refused(error)),
            Err(_elapsed) => {
                self.complain(generation, "no answer in time");
                Err(LinkError::TimedOut(self.settings.answer_timeout))
            }
        }
    }

    /// Asks the supervisor to replace the connection of that generation.
    pub(crate) fn complain(&self, generation: u64, cause: &'static str) {
        // Nobody listens any more once the supervisor has stopped, and then there is nothing to replace.
        let _stopped = self.complaints.send(Complaint { generation, cause });
    }

    /// Asks for the present connection to be replaced.
    pub(crate) fn complain_now(&self, cause: &'static str) {
        if let State::Up { generation, .. } = self.state() {
            self.complain(generation, cause);
        }
    }

    /// Returns when there is a connection; `false` when the link was stopped.
    pub(crate) async fn connected(&self) -> bool {
        let mut state = self.state.clone();
        state
            .wait_for(|state| matches!(state, State::Up { .. }))
            .await
            .is_ok()
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Whether the broker has told us to publish nothing for now.
    pub(crate) fn is_blocked(&self) -> bool {
        matches!(&*self.state.borrow(), State::Up { connection, .. } if connection.status().blocked())
    }

    pub(crate) fn settings(&self) -> &BrokerSettings {
        &self.settings
    }
}

/// Asks for something that must exist.
pub(crate) async fn probe(channel: &Channel) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions {
        passive: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(
            EVENTS_EXCHANGE.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        )
        .await
}
