//! The task that owns a connection: connect, declare the topology, watch, drop, connect anew.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::StreamExt;
use lapin::{Channel, Event};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    Complaint, State, probe,
    socket::{ConnectError, Socket},
};
use crate::{broker::BrokerSettings, metrics, topology};

/// Between two looks at a connection that seems well.
const PROBE_EVERY: Duration = Duration::from_secs(5);

pub(super) struct Supervisor {
    pub(super) settings: Arc<BrokerSettings>,
    pub(super) purpose: &'static str,
    pub(super) states: watch::Sender<State>,
    pub(super) complaints: mpsc::UnboundedReceiver<Complaint>,
    pub(super) stop: CancellationToken,
}

/// A connection with its topology declared, and the channel that it is probed on.
struct Session {
    socket: Socket,
    control: Channel,
}

impl Supervisor {
    pub(super) async fn run(mut self) {
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
