//! From a handler's verdict to the broker: acknowledge, retry later, or keep for a person.
//!
//! A copy in another queue is confirmed first and the original acknowledged after it. A crash in between leaves two
//! copies, never none.

use std::time::Duration;

use lapin::{
    BasicProperties,
    message::Delivery,
    options::{BasicAckOptions, BasicNackOptions},
    types::FieldTable,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::{debug, error, warn};

use super::{Outcome, delivery::failures};
use crate::{
    Clock, Message, Publisher,
    message::{set_header, text_header},
    metrics::Deliveries,
    topology::{DEAD_QUEUE, RetryLadder},
};

/// Header: how often a handler has failed on this message.
pub(crate) const ATTEMPTS: &str = "x-attempts";
/// Header: when it failed first, RFC 3339.
pub(crate) const FIRST_FAILED_AT: &str = "x-first-failed-at";
/// Header: when it was given up, RFC 3339.
pub(crate) const DIED_AT: &str = "x-died-at";
/// Header: why it failed last.
pub(crate) const REASON: &str = "x-reason";
/// Header: the queue it was consumed from.
pub(crate) const ORIGIN_QUEUE: &str = "x-origin-queue";

/// The longest reason kept in a header; the log has the whole.
const REASON_CHARS: usize = 500;

/// The pause before a message goes back to its queue because no copy of it could be stored.
const PUT_BACK_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Settlement {
    pub(super) queue: String,
    pub(super) publisher: Publisher,
    pub(super) ladder: RetryLadder,
    pub(super) clock: Clock,
    pub(super) counted: Deliveries,
}

impl Settlement {
    pub(super) async fn settle(&self, delivery: Delivery, outcome: Outcome) {
        match outcome {
            Outcome::Done => {
                self.acknowledge(&delivery).await;
                self.counted.consumed();
            }
            Outcome::Retry(cause) => self.retry(delivery, &telemetry::trace::chain(&*cause)).await,
            Outcome::Reject(cause) => self.bury(delivery, &telemetry::trace::chain(&*cause)).await,
            Outcome::Postpone(_) => self.put_back(&delivery).await,
        }
    }

    /// Gives the message back to its queue.
    pub(super) async fn put_back(&self, delivery: &Delivery) {
        let options = BasicNackOptions {
            multiple: false,
            requeue: true,
        };
        if let Err(error) = delivery.acker.nack(options).await {
            debug!(cause = %error, "the channel closed first: the message goes back by itself");
        }
    }

    async fn retry(&self, delivery: Delivery, reason: &str) {
        let Some(step) = self.ladder.step(failures(&delivery.properties)) else {
            return self.bury(delivery, reason).await;
        };
        let properties = self.with_failure(&delivery.properties, reason);
        let copy = Message::forward(&step.name, &self.queue, delivery.data.clone(), properties);
        if self.moved(&delivery, &copy).await {
            warn!(
                reason,
                delay_ms = step.delay.as_millis(),
                "handling failed, trying again later"
            );
            self.counted.retried();
        }
    }

    async fn bury(&self, delivery: Delivery, reason: &str) {
        let properties = self.with_failure(&delivery.properties, reason);
        let mut headers = properties.headers().clone().unwrap_or_default();
        set_header(&mut headers, DIED_AT, &rfc3339((self.clock)()));
        let copy = Message::forward(
            "",
            DEAD_QUEUE,
            delivery.data.clone(),
            properties.with_headers(headers),
        );
        if self.moved(&delivery, &copy).await {
            error!(
                reason,
                "handling failed for good, the message is among the dead letters"
            );
            self.counted.dead_lettered();
        }
    }

    /// Whether the copy is safe where it should be; if not, the original goes back to its queue.
    async fn moved(&self, delivery: &Delivery, copy: &Message) -> bool {
        if let Err(error) = self.publisher.publish(copy).await {
            let cause = telemetry::trace::chain(&error);
            warn!(
                cause,
                "no copy could be stored, the message goes back to its queue"
            );
            tokio::time::sleep(PUT_BACK_AFTER).await;
            self.put_back(delivery).await;
            return false;
        }
        self.acknowledge(delivery).await;
        true
    }

    async fn acknowledge(&self, delivery: &Delivery) {
        match delivery.acker.ack(BasicAckOptions { multiple: false }).await {
            Ok(true) => {}
            Ok(false) => debug!("the channel closed before the acknowledgement: the message will come again"),
            Err(error) => debug!(cause = %error, "not acknowledged: the message will come again"),
        }
    }

    fn with_failure(&self, properties: &BasicProperties, reason: &str) -> BasicProperties {
        let old = properties.headers().clone().unwrap_or_default();
        let attempts = failures(properties).saturating_add(1);
        let first = text_header(&old, FIRST_FAILED_AT).unwrap_or_else(|| rfc3339((self.clock)()));
        let mut headers = without(&old, is_brokers);
        set_header(&mut headers, ATTEMPTS, &attempts.to_string());
        set_header(&mut headers, FIRST_FAILED_AT, &first);
        set_header(
            &mut headers,
            REASON,
            &reason.chars().take(REASON_CHARS).collect::<String>(),
        );
        set_header(&mut headers, ORIGIN_QUEUE, &self.queue);
        properties.clone().with_headers(headers)
    }
}

/// A message's envelope as it was before it ever failed, for a fresh start.
pub(crate) fn without_failure(properties: &BasicProperties) -> BasicProperties {
    let ours = [ATTEMPTS, FIRST_FAILED_AT, DIED_AT, REASON, ORIGIN_QUEUE];
    let headers = properties.headers().clone().unwrap_or_default();
    let headers = without(&headers, |name| ours.contains(&name) || is_brokers(name));
    properties.clone().with_headers(headers)
}

/// What the broker notes on dead-lettered and repeated messages. A copy must not carry it: the broker would take the
/// copy for one that runs in circles.
fn is_brokers(name: &str) -> bool {
    let prefixes = ["x-death", "x-first-death", "x-last-death", "x-delivery-count"];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn without(headers: &FieldTable, unwanted: impl Fn(&str) -> bool) -> FieldTable {
    let mut entries = headers.inner().clone();
    entries.retain(|name, _| !unwanted(name.as_str()));
    FieldTable::from(entries)
}

fn rfc3339(instant: OffsetDateTime) -> String {
    instant.format(&Rfc3339).unwrap_or_default()
}
