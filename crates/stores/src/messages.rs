//! Hearing and telling: consumers and the outbox relay, from the start of a service to its end.

use std::sync::Arc;
use std::time::Duration;

use messaging::{Broker, Relay, RunningConsumers};
use service::background::Background;
use service::clock::Clock;
use storage::Database;
use tokio_util::sync::CancellationToken;

/// How long consumers may take to finish what they have in hand.
const DRAIN: Duration = Duration::from_secs(8);

/// The clock of the service, as `messaging` asks for it.
#[must_use]
pub fn clock(clock: &Clock) -> messaging::Clock {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// Starts what `consumers` gives and the relay of the outbox. When the service stops they finish what they have in
/// hand, and only then the connection is let go.
///
/// # Errors
///
/// That of `consumers`: an event of the catalogue that this service should hear has no handler.
pub fn exchange<E>(
    background: &Background,
    broker: &Broker,
    database: &Database,
    service_clock: &Clock,
    consumers: impl FnOnce(messaging::Clock) -> Result<RunningConsumers, E>,
) -> Result<(), E> {
    let running = consumers(clock(service_clock))?;
    let relay = Relay::new(database.clone(), broker, clock(service_clock));
    let (token, broker) = (background.token(), broker.clone());
    background.spawn("messaging", async move {
        tokio::join!(relay.run(token.clone()), end(running, token));
        broker.stop();
    });
    Ok(())
}

/// [`exchange`] for a service that announces nothing.
///
/// # Errors
///
/// That of `consumers`.
pub fn hear<E>(
    background: &Background,
    broker: &Broker,
    service_clock: &Clock,
    consumers: impl FnOnce(messaging::Clock) -> Result<RunningConsumers, E>,
) -> Result<(), E> {
    let running = consumers(clock(service_clock))?;
    let (token, broker) = (background.token(), broker.clone());
    background.spawn("messaging", async move {
        end(running, token).await;
        broker.stop();
    });
    Ok(())
}

async fn end(running: RunningConsumers, token: CancellationToken) {
    token.cancelled().await;
    running.stop(DRAIN).await;
}
