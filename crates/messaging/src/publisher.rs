//! Publishing with the broker's word that it has the message.

use std::{collections::HashSet, sync::Arc};

use lapin::{
    Channel, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    Broker, Message,
    link::{Link, LinkError, LinkedChannel},
    message::short,
};

/// Why the broker may not have a message. Whoever publishes must keep it and try again; it may then exist twice.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PublishError {
    /// No connection, or it was lost before the confirm came.
    #[error("the message was not confirmed")]
    NotConfirmed(#[source] LinkError),
    /// The broker answered that it could not take it.
    #[error("the broker refused the message")]
    Refused,
    /// No queue is bound for it: the broker has dropped it.
    #[error("no queue takes {routing_key}")]
    Unroutable {
        /// The message's routing key.
        routing_key: String,
    },
    /// The broker has a memory or disk alarm and takes no messages now.
    #[error("RabbitMQ takes no messages now (memory or disk alarm)")]
    Blocked,
}

/// A channel of its own for publishing; clones share it, and publish one batch after the other.
#[derive(Clone)]
pub struct Publisher {
    link: Link,
    channel: Arc<Mutex<Option<LinkedChannel>>>,
}

impl Publisher {
    /// A publisher over `broker`; it opens its channel when first used.
    #[must_use]
    pub fn new(broker: &Broker) -> Self {
        Self {
            link: broker.publishing().clone(),
            channel: Arc::default(),
        }
    }

    /// Publishes one message and waits for the confirm.
    ///
    /// # Errors
    ///
    /// [`PublishError`]; the message may or may not have arrived.
    pub async fn publish(&self, message: &Message) -> Result<(), PublishError> {
        let mut results = self.publish_all(std::slice::from_ref(message)).await;
        results.pop().unwrap_or(Err(PublishError::Refused))
    }

    /// Publishes all, then waits for all confirms: one round trip. The results are in the order of the messages.
    pub async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        // Held until the last confirm: a returned message is told apart only among the messages of one batch.
        let mut slot = self.channel.lock().await;
        let opened = match self.open(&mut slot).await {
            Ok(opened) => opened,
            Err(error) => return vec![Err(error); messages.len()],
        };
        let limit = self.link.settings().answer_timeout;
        let mut answers = Vec::with_capacity(messages.len());
        let failure = match timeout(limit, send_and_wait(&opened.channel, messages, &mut answers)).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(PublishError::NotConfirmed(LinkError::Refused(error))),
            Err(_elapsed) if self.link.is_blocked() => Some(PublishError::Blocked),
            Err(_elapsed) => {
                self.link
                    .complain(opened.generation, "confirm not received in time");
                Some(PublishError::NotConfirmed(LinkError::TimedOut(limit)))
            }
        };
        if failure.is_some() {
            *slot = None;
        }
        judge(messages, answers, failure)
    }

    /// Asks for a new connection, which declares the topology again.
    pub(crate) fn redeclare(&self) {
        self.link.complain_now("queues are gone");
    }

    async fn open(&self, slot: &mut Option<LinkedChannel>) -> Result<LinkedChannel, PublishError> {
        if self.link.is_blocked() {
            return Err(PublishError::Blocked); // At once: lapin would write nothing, and wait.
        }
        if let Some(opened) = slot.as_ref().filter(|opened| opened.channel.status().connected()) {
            return Ok(opened.clone());
        }
        let opened = self.link.channel().await.map_err(PublishError::NotConfirmed)?;
        // Confirms from here on: the channel answers each publish.
        let confirms = opened
            .channel
            .confirm_select(ConfirmSelectOptions { nowait: false });
        self.link
            .within(opened.generation, confirms)
            .await
            .map_err(PublishError::NotConfirmed)?;
        *slot = Some(opened.clone());
        Ok(opened)
    }
}

/// Leaves in `answers` what was received, also when it fails or is cut off.
async fn send_and_wait(
    channel: &Channel,
    messages: &[Message],
    answers: &mut Vec<Confirmation>,
) -> lapin::Result<()> {
    let options = BasicPublishOptions {
        mandatory: true,  // What no queue takes comes back.
        immediate: false, // RabbitMQ does not know it.
    };
    let mut confirms = Vec::with_capacity(messages.len());
    for message in messages {
        let exchange = short(&message.exchange);
        let routing_key = short(&message.routing_key);
        let properties = message.properties.clone();
        confirms.push(
            channel
                .basic_publish(exchange, routing_key, options, &message.body, properties)
                .await?,
        );
    }
    for confirm in confirms {
        answers.push(confirm.await?);
    }
    Ok(())
}

/// Matches answers to messages.
///
/// lapin hands a returned message out with the next confirm it sees, which may be another message's. So the returned
/// ones are recognised by their id, over the whole batch.
fn judge(
    messages: &[Message],
    answers: Vec<Confirmation>,
    failure: Option<PublishError>,
) -> Vec<Result<(), PublishError>> {
    let acknowledged: Vec<bool> = answers.iter().map(Confirmation::is_ack).collect();
    let returned: HashSet<String> = answers
        .into_iter()
        .filter_map(Confirmation::take_message)
        .filter_map(|message| {
            message
                .delivery
                .properties
                .message_id()
                .as_ref()
                .map(ToString::to_string)
        })
        .collect();
    let missing = failure.unwrap_or(PublishError::NotConfirmed(LinkError::NotConnected));
    let verdict = |(index, message): (usize, &Message)| match acknowledged.get(index) {
        None => Err(missing.clone()),
        Some(_) if message.id().is_some_and(|id| returned.contains(id)) => Err(PublishError::Unroutable {
            routing_key: message.routing_key.clone(),
        }),
        Some(false) => Err(PublishError::Refused),
        Some(true) => Ok(()),
    };
    messages.iter().enumerate().map(verdict).collect()
}
