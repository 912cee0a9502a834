//! Declaring the topology on a fresh connection: every option is written out, with its reason.

use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, LongString, ShortString},
};

use super::{
    DEAD_QUEUE, DELIVERY_LIMIT, EVENTS_EXCHANGE, RetryStep, Subscription, Topology, WEBHOOK_FALLBACK_QUEUE,
};

/// The nameless exchange: the routing key is the name of the queue.
const DEFAULT_EXCHANGE: &str = "";

/// Declares everything; what exists already with the same options is left alone.
pub(crate) async fn declare(channel: &Channel, topology: &Topology) -> lapin::Result<()> {
    exchange(channel, EVENTS_EXCHANGE, ExchangeKind::Topic).await?;
    queue(channel, DEAD_QUEUE, quorum()).await?;
    for step in topology.ladder.steps() {
        declare_retry(channel, step).await?;
    }
    for subscription in &topology.subscriptions {
        declare_subscription(channel, subscription).await?;
    }
    queue(channel, WEBHOOK_FALLBACK_QUEUE, work()).await
}

async fn declare_subscription(channel: &Channel, subscription: &Subscription) -> lapin::Result<()> {
    let name = subscription.queue();
    queue(channel, &name, work()).await?;
    bind(channel, &name, EVENTS_EXCHANGE, subscription.event).await
}

/// A waiting room. The fanout exchange before it leaves the routing key free to carry the way home.
async fn declare_retry(channel: &Channel, step: &RetryStep) -> lapin::Result<()> {
    let mut arguments = dead_lettering(quorum(), DEFAULT_EXCHANGE);
    // All messages of one queue wait equally long, so the first in is the first out and none is stuck behind another.
    arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(millis(step)));
    // No `x-dead-letter-routing-key`: the message keeps its own, which is the queue it came from.
    exchange(channel, &step.name, ExchangeKind::Fanout).await?;
    queue(channel, &step.name, arguments).await?;
    bind(channel, &step.name, &step.name, "").await
}

/// A queue that consumers work on.
fn work() -> FieldTable {
    let mut arguments = dead_lettering(quorum(), DEFAULT_EXCHANGE);
    arguments.insert("x-dead-letter-routing-key".into(), text(DEAD_QUEUE));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
    arguments
}

/// Replicated to a majority of nodes before a publish is confirmed: one node may die.
fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// Dead-lettering that survives a crash of the broker.
///
/// The default strategy is at-most-once: it forgets the message as it leaves the queue, and a `kill -9` then loses
/// thousands. At-least-once keeps it until the target has confirmed, and RabbitMQ accepts that strategy only together
/// with `reject-publish`. No length limit is set, so nothing is ever rejected for lack of room.
fn dead_lettering(mut arguments: FieldTable, exchange: &str) -> FieldTable {
    arguments.insert("x-dead-letter-exchange".into(), text(exchange));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

async fn exchange(channel: &Channel, name: &str, kind: ExchangeKind) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions {
        passive: false,
        durable: true,      // It is there after a restart of the broker.
        auto_delete: false, // It stays when its last queue goes.
        internal: false,    // Clients publish to it.
        nowait: false,      // We want to hear about a refusal.
    };
    channel
        .exchange_declare(short(name), kind, options, FieldTable::default())
        .await
}

async fn queue(channel: &Channel, name: &str, arguments: FieldTable) -> lapin::Result<()> {
    let options = QueueDeclareOptions {
        passive: false,
        durable: true,      // Quorum queues are always durable.
        exclusive: false,   // Many replicas, many connections.
        auto_delete: false, // It collects messages while no consumer runs.
        nowait: false,      // We want to hear about a refusal.
    };
    channel
        .queue_declare(short(name), options, arguments)
        .await
        .map(|_| ())
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, routing_key: &str) -> lapin::Result<()> {
    let options = QueueBindOptions { nowait: false };
    channel
        .queue_bind(
            short(queue),
            short(exchange),
            short(routing_key),
            options,
            FieldTable::default(),
        )
        .await
}

fn short(name: &str) -> ShortString {
    ShortString::from(name)
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

fn millis(step: &RetryStep) -> i64 {
    i64::try_from(step.delay.as_millis()).unwrap_or(i64::MAX)
}
