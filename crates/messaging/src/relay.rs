//! The outbox relay: from committed rows to confirmed messages.
//!
//! Any number of relays may run, in any number of services: a row is claimed with `FOR UPDATE SKIP LOCKED`, published,
//! and marked in the same transaction, only after the broker's confirm. A crash before the mark publishes the row again
//! later (the inbox absorbs the double); a broker that is away leaves the rows where they are.
//!
//! One of them listens and is woken by commits, and as a rule publishes everything ([`storage::listen`]). The others look
//! once a second, whatever the listener does: one that hangs, or whose broker is away, delays events and never keeps them.
//! When it dies, another one listens within a second or two.
//!
//! The transaction waits for the broker, but never long: opening the channel and the confirms end within three answers
//! of 3 s, below the 15 s after which PostgreSQL ends an idle transaction.

use std::time::Duration;

use diesel_async::AsyncConnection;
use events::ALL;
use storage::{
    Database, DatabaseUnavailable, listen,
    outbox::{self, OutboxEvent},
};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::{
    Broker, Clock, Message, Publisher, message::EventEnvelope, metrics, publisher::PublishError,
    topology::EVENTS_EXCHANGE,
};

/// How many rows one transaction takes.
const BATCH: u16 = 100;

/// How often to look without being told: notifications may be lost, this may not.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// How soon to look again after something was there. A commit beside one that notifies says nothing of itself
/// (`outbox_events_wake_relays`), and is there a moment later. Each look in vain makes the next pause four times longer.
/// Only who is woken hurries.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// After a notification, how long to wait for more of the same burst.
const GATHER_FOR: Duration = Duration::from_millis(3);

/// Under load it waits as many times longer as there were events the last time, up to this: a pass costs about the same
/// for one as for a dozen.
const GATHER_AT_MOST: u32 = 8;

/// The pause before listening again on a new connection.
const LISTEN_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often the backlog is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// Publishes what services have put into the outbox.
#[derive(Clone)]
pub struct Relay {
    database: Database,
    broker: Broker,
    publisher: Publisher,
    clock: Clock,
    metrics: metrics::Outbox,
}

/// What one pass over the outbox did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Rows that the broker has now.
    pub published: usize,
    /// Rows that were claimed and stay, since the broker did not confirm them.
    pub kept: usize,
}

/// Why a pass failed; the rows are still there.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// No connection to PostgreSQL.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// PostgreSQL refused.
    #[error("claim and mark outbox rows")]
    Query(#[from] diesel::result::Error),
    /// The broker took none of the rows.
    #[error("publish outbox rows")]
    Publish(#[source] PublishError),
}

impl Relay {
    /// A relay between these two stores.
    #[must_use]
    pub fn new(database: Database, broker: &Broker, clock: Clock) -> Self {
        Self {
            database,
            publisher: Publisher::new(broker),
            broker: broker.clone(),
            clock,
            metrics: metrics::Outbox::new(),
        }
    }

    /// Works until `stop`, then makes one last pass. Run it as a task; it survives every failure of both stores.
    pub async fn run(self, stop: CancellationToken) {
        let nudge = std::sync::Arc::new(Notify::new());
        let mut helpers = JoinSet::new(); // Aborted when this function ends.
        helpers.spawn(listen_again_and_again(self.database.clone(), nudge.clone()));
        helpers.spawn(self.clone().measure_again_and_again());
        let mut troubled = false;
        let mut pause = POLL_EVERY;
        let mut last = 1;
        while !stop.is_cancelled() {
            tokio::select! {
                connected = self.broker.connected() => if !connected { return },
                () = stop.cancelled() => break,
            }
            match self.drain().await {
                Ok(published) => {
                    last = u32::try_from(published).unwrap_or(u32::MAX);
                    if troubled {
                        info!("the outbox is being published again");
                        troubled = false;
                    }
                    if 0 < published && pause < POLL_EVERY {
                        pause = LOOK_AGAIN_AFTER;
                    }
                }
                Err(failure) if troubled => {
                    debug!(cause = telemetry::trace::chain(&failure), "outbox still waits");
                }
                Err(failure) => {
                    warn!(
                        cause = telemetry::trace::chain(&failure),
                        "the outbox waits, trying on"
                    );
                    troubled = true;
                }
            }
            if troubled {
                pause = POLL_EVERY;
            }
            tokio::select! {
                () = nudge.notified(), if !troubled => {
                    tokio::time::sleep(GATHER_FOR * last.clamp(1, GATHER_AT_MOST)).await;
                    pause = LOOK_AGAIN_AFTER;
                }
                () = tokio::time::sleep(pause) => pause = POLL_EVERY.min(pause * 4),
                () = stop.cancelled() => {}
            }
        }
        if let Err(failure) = self.drain().await {
            debug!(
                cause = telemetry::trace::chain(&failure),
                "the last pass failed, others will publish the rest"
            );
        }
    }

    /// Publishes what waits and is not in another relay's hands, and tells how much it was.
    ///
    /// # Errors
    ///
    /// [`RelayError`]; what was confirmed before it stays published.
    pub async fn drain(&self) -> Result<usize, RelayError> {
        let mut published = 0;
        loop {
            let pass = self.pass().await?;
            published += pass.published;
            if pass.published == 0 || pass.published + pass.kept < usize::from(BATCH) {
                return Ok(published);
            }
        }
    }

    /// Claims, publishes and marks one batch. Never cancel it: a transaction is open meanwhile.
    ///
    /// # Errors
    ///
    /// [`RelayError`] if no row could be published.
    pub async fn pass(&self) -> Result<Pass, RelayError> {
        let mut conn = self.database.get().await?;
        let pass = conn
            .transaction(async |conn| {
                let rows = outbox::claim_batch(conn, BATCH.into()).await?;
                if rows.is_empty() {
                    return Ok(Pass {
                        published: 0,
                        kept: 0,
                    });
                }
                let confirmed = self.publish(&rows).await?;
                outbox::mark_published(conn, &confirmed, (self.clock)()).await?;
                Ok::<_, RelayError>(Pass {
                    published: confirmed.len(),
                    kept: rows.len() - confirmed.len(),
                })
            })
            .await?;
        self.metrics.published(pass.published);
        Ok(pass)
    }

    /// The ids of the rows that need no further publishing.
    async fn publish(&self, rows: &[OutboxEvent]) -> Result<Vec<Uuid>, RelayError> {
        let messages: Vec<Message> = rows.iter().map(message).collect();
        let results = self.publisher.publish_all(&messages).await;
        let mut confirmed = Vec::with_capacity(rows.len());
        let mut failure = None;
        for (row, result) in rows.iter().zip(results) {
            match result {
                Ok(()) => confirmed.push(row.id),
                Err(PublishError::Unroutable { .. })
                    if !self.broker.settings().topology.is_heard(&row.name) =>
                {
                    debug!(event = row.name, event_id = %row.id, "nobody listens to this event");
                    confirmed.push(row.id);
                }
                Err(error) => {
                    if matches!(error, PublishError::Unroutable { .. }) {
                        warn!(event = row.name, "its queues are gone; they are declared again");
                        self.publisher.redeclare();
                    }
                    failure = Some(error);
                }
            }
        }
        match failure {
            Some(error) if confirmed.is_empty() => Err(RelayError::Publish(error)),
            _ => Ok(confirmed),
        }
    }

    async fn measure_again_and_again(self) {
        loop {
            match self.measure().await {
                Ok(()) => {}
                Err(failure) => debug!(
                    cause = telemetry::trace::chain(&failure),
                    "the outbox could not be measured"
                ),
            }
            tokio::time::sleep(MEASURE_EVERY).await;
        }
    }

    async fn measure(&self) -> Result<(), RelayError> {
        let mut conn = self.database.get().await?;
        let pending = outbox::pending(&mut conn).await?;
        let age = pending
            .oldest
            .map_or(time::Duration::ZERO, |oldest| (self.clock)() - oldest);
        self.metrics.waiting(pending.count, age);
        Ok(())
    }
}

/// The event as a message: the outbox row's id is the message's, in every copy.
fn message(row: &OutboxEvent) -> Message {
    let envelope = EventEnvelope {
        name: &row.name,
        app_id: ALL
            .iter()
            .find(|event| event.name == row.name)
            .map_or("alojamientos", |event| event.from),
        created_at: row.created_at,
        correlation_id: &row.correlation_id,
        traceparent: row.traceparent.as_deref(),
    };
    Message::to_exchange(EVENTS_EXCHANGE, &row.name, row.id, row.payload.clone())
        .with_event_envelope(&envelope)
}

/// LISTEN needs a connection of its own, which may break; polling bridges the gap.
async fn listen_again_and_again(database: Database, nudge: std::sync::Arc<Notify>) {
    loop {
        if let Err(error) = listen::outbox(&database, &nudge).await {
            debug!(cause = %error, "not listening to the outbox for a moment");
        }
        tokio::time::sleep(LISTEN_AGAIN_AFTER).await;
    }
}
