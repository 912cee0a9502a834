//! The messages that nobody could process: look at them, send them back, or drop them.
//!
//! Looking takes the messages out without acknowledging them and gives them back by closing the channel, so a crash in
//! the middle loses nothing. RabbitMQ 4 counts that against its default limit of 20 deliveries; a policy with
//! `delivery-limit: -1` for `alojamientos.dead` must lift it there.

use std::{collections::HashSet, time::Duration};

use lapin::{
    BasicProperties, Channel,
    message::BasicGetMessage,
    options::{BasicAckOptions, BasicGetOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    Broker, Message, Publisher,
    broker::LinkError,
    consumer::settle::{ATTEMPTS, DIED_AT, FIRST_FAILED_AT, ORIGIN_QUEUE, REASON, without_failure},
    link::LinkedChannel,
    message::text_header,
    publisher::PublishError,
    topology::DEAD_QUEUE,
};

/// What a reader before us has just given back takes a moment to appear, so an empty queue is asked more than once.
const LOOKS_AT_AN_EMPTY_QUEUE: u32 = 4;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// One message that nobody could process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id; the same event may have died in two queues.
    pub id: Option<Uuid>,
    /// The event's name.
    pub name: Option<String>,
    /// The queue it was consumed from, and where a replay sends it.
    pub queue: Option<String>,
    /// Why the last try failed.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When the first try failed.
    pub first_failed_at: Option<OffsetDateTime>,
    /// When it was given up.
    pub died_at: Option<OffsetDateTime>,
    /// What it is about.
    pub correlation_id: Option<String>,
    /// The message itself.
    pub body: Vec<u8>,
}

/// Which dead letters an act is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those of one event, in whichever queues it died.
    Event(Uuid),
    /// Those of one queue.
    Queue(String),
}

/// Why the dead letters could not be read or moved.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The broker.
    #[error("read the dead letters")]
    Read(#[source] LinkError),
    /// It stays among the dead letters.
    #[error("send the message back to {queue}")]
    Replay {
        /// Where it should have gone.
        queue: String,
        /// Why it did not.
        #[source]
        source: PublishError,
    },
    /// It says nowhere where it came from, so it can only be dropped.
    #[error("a dead letter has no queue to go back to")]
    NoOrigin,
}

/// How many there are, not counting those that somebody is reading now.
///
/// # Errors
///
/// [`DeadLetterError::Read`] if the broker does not answer.
pub async fn count(broker: &Broker) -> Result<u32, DeadLetterError> {
    broker.depth(DEAD_QUEUE).await.map_err(DeadLetterError::Read)
}

/// The first `at_most`, oldest first; they stay where they are.
///
/// # Errors
///
/// [`DeadLetterError::Read`] if the broker does not answer.
pub async fn list(broker: &Broker, at_most: usize) -> Result<Vec<DeadLetter>, DeadLetterError> {
    let mut reader = Reader::open(broker).await?;
    let mut letters = Vec::new();
    while letters.len() < at_most {
        let Some(message) = reader.next().await? else {
            break;
        };
        letters.push(DeadLetter::new(&message));
    }
    reader.close().await;
    Ok(letters)
}

/// Sends the selected ones back to their queues for a fresh start, and returns how many went.
///
/// # Errors
///
/// [`DeadLetterError`]; those before the failed one are gone, it and the others stay.
pub async fn replay(broker: &Broker, selection: &Selection) -> Result<usize, DeadLetterError> {
    let publisher = Publisher::new(broker);
    sweep(broker, selection, async |letter, message| {
        let queue = letter.queue.clone().ok_or(DeadLetterError::NoOrigin)?;
        let properties = without_failure(&message.delivery.properties);
        let copy = Message::forward("", &queue, message.delivery.data.clone(), properties);
        publisher
            .publish(&copy)
            .await
            .map_err(|source| DeadLetterError::Replay { queue, source })
    })
    .await
}

/// Forgets the selected ones for good, and returns how many there were.
///
/// # Errors
///
/// [`DeadLetterError::Read`] if the broker does not answer.
pub async fn discard(broker: &Broker, selection: &Selection) -> Result<usize, DeadLetterError> {
    sweep(broker, selection, async |_letter, _message| Ok(())).await
}

/// Acknowledges each selected message after `act` on it.
async fn sweep(
    broker: &Broker,
    selection: &Selection,
    act: impl AsyncFn(&DeadLetter, &BasicGetMessage) -> Result<(), DeadLetterError>,
) -> Result<usize, DeadLetterError> {
    let mut reader = Reader::open(broker).await?;
    let mut acted = HashSet::new();
    while let Some(message) = reader.next().await? {
        let letter = DeadLetter::new(&message);
        let key = (letter.id, letter.queue.clone());
        // One that was sent back and has died again is left for the next time.
        if selection.includes(&letter) && !acted.contains(&key) {
            act(&letter, &message).await?;
            reader.acknowledge(&message).await?;
            acted.insert(key);
        }
    }
    reader.close().await;
    Ok(acted.len())
}

impl Selection {
    fn includes(&self, letter: &DeadLetter) -> bool {
        match self {
            Self::All => true,
            Self::Event(id) => letter.id == Some(*id),
            Self::Queue(queue) => letter.queue.as_ref() == Some(queue),
        }
    }
}

/// A channel that holds what it has read until it closes.
struct Reader<'a> {
    broker: &'a Broker,
    opened: LinkedChannel,
    has_read: bool,
}

impl<'a> Reader<'a> {
    async fn open(broker: &'a Broker) -> Result<Self, DeadLetterError> {
        let opened = broker
            .publishing()
            .channel()
            .await
            .map_err(DeadLetterError::Read)?;
        Ok(Self {
            broker,
            opened,
            has_read: false,
        })
    }

    fn channel(&self) -> &Channel {
        &self.opened.channel
    }

    /// The next one, or `None` after the last.
    async fn next(&mut self) -> Result<Option<BasicGetMessage>, DeadLetterError> {
        for _ in 0..LOOKS_AT_AN_EMPTY_QUEUE {
            if let Some(message) = self.get().await? {
                self.has_read = true;
                return Ok(Some(message));
            }
            if self.has_read {
                break;
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
        Ok(None)
    }

    async fn get(&self) -> Result<Option<BasicGetMessage>, DeadLetterError> {
        let get = self
            .channel()
            .basic_get(DEAD_QUEUE.into(), BasicGetOptions { no_ack: false });
        let got = self.broker.publishing().within(self.opened.generation, get).await;
        got.map_err(DeadLetterError::Read)
    }

    async fn acknowledge(&self, message: &BasicGetMessage) -> Result<(), DeadLetterError> {
        let ack = message.delivery.acker.ack(BasicAckOptions { multiple: false });
        let acknowledged = self.broker.publishing().within(self.opened.generation, ack).await;
        acknowledged.map(|_usable| ()).map_err(DeadLetterError::Read)
    }

    /// Gives the rest back, and waits for it, so that the next look sees everything.
    async fn close(&self) {
        let close = self
            .channel()
            .close(lapin::protocol::constants::REPLY_SUCCESS, "done".into());
        if let Err(error) = self
            .broker
            .publishing()
            .within(self.opened.generation, close)
            .await
        {
            tracing::debug!(cause = %error, "the channel ended before it was closed");
        }
    }
}

impl DeadLetter {
    fn new(message: &BasicGetMessage) -> Self {
        let properties = &message.delivery.properties;
        let text = |name| {
            properties
                .headers()
                .as_ref()
                .and_then(|headers| text_header(headers, name))
        };
        let instant = |name| text(name).and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok());
        let short = |text: &Option<ShortString>| text.as_ref().map(|text| text.as_str().to_owned());
        let (brokers_queue, brokers_reason) = brokers_word(properties);
        Self {
            id: properties
                .message_id()
                .as_ref()
                .and_then(|id| id.as_str().parse().ok()),
            name: short(properties.kind()),
            queue: text(ORIGIN_QUEUE).or(brokers_queue),
            reason: text(REASON).or(brokers_reason),
            attempts: text(ATTEMPTS).and_then(|text| text.parse().ok()).unwrap_or(0),
            first_failed_at: instant(FIRST_FAILED_AT),
            died_at: instant(DIED_AT),
            correlation_id: short(properties.correlation_id()),
            body: message.delivery.data.clone(),
        }
    }
}

/// Origin and reason of a message that the broker itself gave up (`x-delivery-limit`).
fn brokers_word(properties: &BasicProperties) -> (Option<String>, Option<String>) {
    let death = properties.headers().as_ref().and_then(last_death);
    let word = |name| death.and_then(|death| text_header(death, name));
    let reason = word("reason").map(|reason| format!("the broker gave it up: {reason}"));
    (word("queue"), reason)
}

fn last_death(headers: &FieldTable) -> Option<&FieldTable> {
    match headers.inner().get("x-death")? {
        AMQPValue::FieldArray(deaths) => match deaths.as_slice().first()? {
            AMQPValue::FieldTable(death) => Some(death),
            _ => None,
        },
        _ => None,
    }
}
