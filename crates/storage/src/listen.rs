//! PostgreSQL's LISTEN on a connection of its own: a hint that something waits; polling is what one relies on.

use std::future::poll_fn;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, NoTls};

use crate::database::Database;

/// The advisory lock of whoever listens to the outbox. It belongs to the connection, and ends with it. Taken numbers:
/// 7246001 migrations, 7246002 the tests' template, 7246003 `outbox_events_wake_relays`, 7246004 the sweep of deliveries.
const LISTENER: i64 = 7_246_005;

/// How often those who do not listen ask whether they may.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Waits until nobody else listens to the outbox, then wakes `nudge` whenever something is added to it, and once at
/// first. It ends with the connection; then the caller calls again.
///
/// One listener is enough, and each more would be woken by every event for nothing. Which one it is decides nothing
/// about who may publish.
///
/// # Errors
///
/// The connection's failure, which is also its only end.
pub async fn outbox(database: &Database, nudge: &Notify) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = database.direct().connect(NoTls).await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let listen = listen_alone(&client);
    tokio::pin!(listen);
    let mut listening = false;
    loop {
        tokio::select! {
            result = poll_fn(|context| std::future::Future::poll(listen.as_mut(), context)), if !listening => {
                result?;
                listening = true;
                // What was added meanwhile told another, or nobody.
                nudge.notify_one();
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(_))) => nudge.notify_one(),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            }
        }
    }
}

/// Asks again and again rather than waiting in the database: a statement that waits keeps VACUUM from its work.
async fn listen_alone(client: &Client) -> Result<(), tokio_postgres::Error> {
    let ask = client.prepare("SELECT pg_try_advisory_lock($1)").await?;
    while !client.query_one(&ask, &[&LISTENER]).await?.try_get(0)? {
        tokio::time::sleep(ASK_EVERY).await;
    }
    client.batch_execute("LISTEN outbox_events").await
}
