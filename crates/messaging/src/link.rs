//! One connection to the broker that a supervisor keeps alive.
//!
//! lapin's own recovery (`enable_auto_recover`) can hang for good after the broker was killed, so it stays off: on any
//! failure the supervisor drops the connection, connects anew with backoff and declares the topology again. Whoever
//! holds a channel of the old connection gets an error at once, and asks the link for a new one.

mod socket;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::StreamExt;
use lapin::{Channel, Event, ExchangeKind, options::ExchangeDeclareOptions, types::FieldTable};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    broker::BrokerSettings,
    metrics,
    topology::{self, EVENTS_EXCHANGE},
};
use socket::{ConnectError, Socket};

/// Between two looks at a connection that seems well.
const PROBE_EVERY: Duration = Duration::from_secs(5);

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

struct Supervisor {
    settings: Arc<BrokerSettings>,
    purpose: &'static str,
    states: watch::Sender<State>,
    complaints: mpsc::UnboundedReceiver<Complaint>,
    stop: CancellationToken,
}

/// A connection with its topology declared, and the channel that it is probed on.
struct Session {
    socket: Socket,
    control: Channel,
}

impl Supervisor {
    async fn run(mut self) {
        let stop = self.stop.clone();
        let mut generation = 0;
        let mut down_since = Instant::now();
        metrics::connected(self.purpose, false);
        while let Some(session) = self.connect(&stop).await {
            generation += 1;
            info!(
                purpose = self.purpose,
                down_ms = down_since.elapsed().as_millis(),
                "connected to RabbitMQ"
            );
            self.states.send_replace(State::Up {
                generation,
                connection: session.socket.connection.clone(),
                latency: Duration::ZERO,
            });
            metrics::connected(self.purpose, true);
            let cause = tokio::select! {
                cause = self.watch(&session, generation) => cause,
                () = stop.cancelled() => "stopped",
            };
            down_since = Instant::now();
            self.states.send_replace(State::Down {
                since: down_since,
                cause,
            });
            metrics::connected(self.purpose, false);
            if stop.is_cancelled() {
                session.socket.close(self.settings.answer_timeout).await;
                return;
            }
            warn!(purpose = self.purpose, cause, "lost RabbitMQ, connecting anew");
        }
    }

    /// Tries until it succeeds; `None` once stopped.
    async fn connect(&self, stop: &CancellationToken) -> Option<Session> {
        let mut delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(self.settings.reconnect_at_most_every)
            .with_jitter()
            .without_max_times()
            .build();
        let mut said = None;
        loop {
            let attempt = tokio::select! {
                attempt = Session::open(&self.settings, self.purpose) => attempt,
                () = stop.cancelled() => return None,
            };
            let error = match attempt {
                Ok(session) => return Some(session),
                Err(error) => error,
            };
            let delay = delays.next().unwrap_or(self.settings.reconnect_at_most_every);
            // Said once per cause: a long outage does not fill the log.
            if said == Some(error.cause()) {
                debug!(
                    purpose = self.purpose,
                    cause = error.cause(),
                    "RabbitMQ is still away"
                );
            } else {
                let detail = error.detail();
                warn!(
                    purpose = self.purpose,
                    cause = error.cause(),
                    detail,
                    "no connection to RabbitMQ, trying on"
                );
                said = Some(error.cause());
            }
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = stop.cancelled() => return None,
            }
        }
    }

    /// Returns why the connection must be replaced, as soon as it must.
    async fn watch(&mut self, session: &Session, generation: u64) -> &'static str {
        let connection = &session.socket.connection;
        let mut events = Box::pin(connection.events_listener());
        let mut probes = tokio::time::interval(PROBE_EVERY);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    // Errors of single channels come here as well, and leave the connection as it is.
                    Some(Event::Error(_)) if !connection.status().connected() => return "connection closed",
                    Some(_) => {}
                    None => return "connection ended",
                },
                complaint = self.complaints.recv() => match complaint {
                    Some(complaint) if complaint.generation == generation => return complaint.cause,
                    Some(_) => {}
                    None => return "no one is left to use the connection",
                },
                _ = probes.tick() => {
                    if !connection.status().connected() {
                        return "connection closed";
                    }
                    // A blocked connection (memory or disk alarm) writes nothing at all; the broker still lives.
                    if connection.status().blocked() {
                        continue;
                    }
                    let asked = Instant::now();
                    match timeout(self.settings.answer_timeout, probe(&session.control)).await {
                        Ok(Ok(())) => self.note_latency(asked.elapsed()),
                        Ok(Err(_)) => return "probe refused: the topology may be gone",
                        Err(_elapsed) => return "probe unanswered",
                    }
                }
            }
        }
    }

    fn note_latency(&self, measured: Duration) {
        self.states.send_if_modified(|state| {
            if let State::Up { latency, .. } = state {
                *latency = measured;
            }
            false // Nobody needs to wake up for this.
        });
    }
}

impl Session {
    async fn open(settings: &BrokerSettings, purpose: &str) -> Result<Self, SessionError> {
        let name = format!("{} {purpose}", settings.service);
        let socket = Socket::open(&settings.uri, &name, settings.connect_timeout).await?;
        let declared = timeout(settings.declare_timeout, async {
            let control = socket.connection.create_channel().await?;
            topology::declare(&control, &settings.topology).await?;
            Ok(control)
        });
        match declared.await {
            Ok(Ok(control)) => Ok(Self { socket, control }),
            Ok(Err(error)) => Err(SessionError::Declare(error)),
            Err(_elapsed) => Err(SessionError::DeclareTimedOut),
        }
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

#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("declare the topology")]
    Declare(#[source] lapin::Error),
    #[error("declaring the topology took too long")]
    DeclareTimedOut,
}

impl SessionError {
    /// The kind of failure, in words that are safe anywhere.
    fn cause(&self) -> &'static str {
        match self {
            Self::Connect(ConnectError::TimedOut(_)) => "no answer",
            Self::Connect(ConnectError::Refused(error)) if error.is_io_error() => {
                "connection refused or lost"
            }
            Self::Connect(ConnectError::Refused(_)) => "connection rejected",
            Self::Declare(_) => "topology refused",
            Self::DeclareTimedOut => "topology not declared in time",
        }
    }

    /// The innermost message: never the address, which may hold a password.
    fn detail(&self) -> String {
        let mut innermost: &dyn std::error::Error = self;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        innermost.to_string()
    }
}
