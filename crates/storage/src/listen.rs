//! PostgreSQL's LISTEN on a connection of its own: a hint that something waits; polling is what one relies on.

use std::future::poll_fn;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, NoTls};

use crate::database::Database;

/// Wakes `nudge` whenever something is added to the outbox, until the connection ends; then the caller calls again.
///
/// # Errors
///
/// The connection's failure, which is also its only end.
pub async fn outbox(database: &Database, nudge: &Notify) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = database.direct().connect(NoTls).await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let listen = client.batch_execute("LISTEN outbox_events");
    tokio::pin!(listen);
    let mut listening = false;
    loop {
        tokio::select! {
            result = poll_fn(|context| std::future::Future::poll(listen.as_mut(), context)), if !listening => {
                result?;
                listening = true;
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
