//! One queue's consumer: subscribe, hand deliveries out, subscribe again after every loss.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use lapin::{
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, info, info_span, warn};

use super::{Handler, Outcome, RawDelivery, settle::Settlement};
use crate::link::{Link, LinkError, LinkedChannel};

/// The pause after a subscription failed.
const RESUBSCRIBE_AFTER: Duration = Duration::from_millis(500);

/// The pauses between two tries of a postponed delivery: doubled from the first to the last.
const POSTPONE_FIRST: Duration = Duration::from_millis(250);
const POSTPONE_AT_MOST: Duration = Duration::from_secs(5);

pub(super) struct Worker {
    pub(super) link: Link,
    pub(super) event: String,
    pub(super) handler: Handler,
    pub(super) prefetch: u16,
    pub(super) settlement: Arc<Settlement>,
    pub(super) stop: CancellationToken,
}

/// What the task of one delivery needs.
#[derive(Clone)]
struct Hand {
    event: String,
    handler: Handler,
    settlement: Arc<Settlement>,
    stop: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct HandlerPanicked;

impl Worker {
    pub(super) async fn run(self) {
        loop {
            tokio::select! {
                connected = self.link.connected() => if !connected { return },
                () = self.stop.cancelled() => return,
            }
            match self.subscribe().await {
                Ok((channel, deliveries)) => self.consume(channel, deliveries).await,
                Err(error) => {
                    let cause = telemetry::trace::chain(&error);
                    warn!(
                        queue = self.settlement.queue,
                        cause, "could not subscribe, trying on"
                    );
                    tokio::select! {
                        () = tokio::time::sleep(RESUBSCRIBE_AFTER) => {}
                        () = self.stop.cancelled() => return,
                    }
                }
            }
        }
    }

    async fn subscribe(&self) -> Result<(LinkedChannel, lapin::Consumer), LinkError> {
        let opened = self.link.channel().await?;
        let channel = &opened.channel;
        let qos = channel.basic_qos(self.prefetch, BasicQosOptions { global: false });
        self.link.within(opened.generation, qos).await?;
        let options = BasicConsumeOptions {
            no_local: false,  // RabbitMQ does not know it.
            no_ack: false,    // Acknowledged by hand, after the work.
            exclusive: false, // Other replicas consume too.
            nowait: false,    // We want to hear about a refusal.
        };
        let queue = self.settlement.queue.as_str();
        let consume = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        match self.link.within(opened.generation, consume).await {
            Ok(deliveries) => Ok((opened, deliveries)),
            Err(error) => {
                if matches!(error, LinkError::Refused(_)) {
                    // Most likely somebody deleted the queue; a new connection declares it again.
                    self.link.complain(opened.generation, "subscription refused");
                }
                Err(error)
            }
        }
    }

    /// Returns when the subscription is lost, or on stop, when the deliveries in hand are finished.
    async fn consume(&self, opened: LinkedChannel, mut deliveries: lapin::Consumer) {
        debug!(queue = self.settlement.queue, "subscribed");
        let hand = Hand {
            event: self.event.clone(),
            handler: self.handler.clone(),
            settlement: self.settlement.clone(),
            stop: self.stop.clone(),
        };
        let mut in_hand = JoinSet::new();
        loop {
            tokio::select! {
                // Stop comes first: of a message and a stop at the same moment, the message is left to others.
                biased;
                () = self.stop.cancelled() => break,
                next = deliveries.next() => match next {
                    Some(Ok(delivery)) => {
                        in_hand.spawn(hand.clone().work(delivery));
                    }
                    Some(Err(error)) => {
                        info!(queue = self.settlement.queue, cause = %error, "subscription lost");
                        break;
                    }
                    None => break,
                },
                Some(_) = in_hand.join_next() => {}
            }
        }
        if self.stop.is_cancelled() && opened.channel.status().connected() {
            // Other replicas get what comes from now on.
            let cancel = opened
                .channel
                .basic_cancel(deliveries.tag(), BasicCancelOptions { nowait: false });
            if let Err(error) = self.link.within(opened.generation, cancel).await {
                debug!(queue = self.settlement.queue, cause = %error, "the subscription ended before it was cancelled");
            }
        }
        // After a lost connection as well: the same message soon comes again, and must not meet itself.
        while in_hand.join_next().await.is_some() {}
    }
}

impl Hand {
    async fn work(self, delivery: Delivery) {
        let raw = RawDelivery::new(&delivery);
        let span = info_span!(
            "consume",
            otel.name = format!("consume {}", self.event),
            otel.kind = "consumer",
            queue = self.settlement.queue,
            event = self.event,
            event_id = raw.id.map(tracing::field::display),
            attempt = raw.attempt,
            trace_id = tracing::field::Empty,
        );
        telemetry::trace::adopt_text(&span, raw.traceparent());
        self.handle(delivery, raw).instrument(span).await;
    }

    async fn handle(self, delivery: Delivery, raw: RawDelivery) {
        let mut pause = POSTPONE_FIRST;
        loop {
            let cause = match self.verdict(raw.clone()).await {
                Outcome::Postpone(cause) => cause,
                outcome => return self.settlement.settle(delivery, outcome).await,
            };
            let cause = telemetry::trace::chain(&*cause);
            warn!(cause, pause_ms = pause.as_millis(), "postponed");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => return self.settlement.put_back(&delivery).await,
            }
            if !delivery.acker.usable() {
                return; // The channel is gone, and the broker hands the message to someone else.
            }
            pause = pause.saturating_mul(2).min(POSTPONE_AT_MOST);
        }
    }

    async fn verdict(&self, raw: RawDelivery) -> Outcome {
        // The handler is also called inside, since it may panic before its first await.
        let work = async { (self.handler)(raw).await };
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(_panic) => Outcome::Retry(HandlerPanicked.into()),
        }
    }
}
