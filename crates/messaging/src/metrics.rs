//! What this crate counts.

use std::sync::LazyLock;

use telemetry::metrics::{Counter, Gauge, gauge};

/// `1` while a connection of that purpose stands.
pub(crate) fn connected(purpose: &str, yes: bool) {
    static CONNECTED: LazyLock<Gauge> = LazyLock::new(|| {
        Gauge::new(
            "rabbitmq_connected",
            "Whether RabbitMQ is connected (1 or 0).",
            &["purpose"],
        )
    });
    CONNECTED.set(&[purpose], f64::from(u8::from(yes)));
}

/// What became of the deliveries of one queue.
#[derive(Clone)]
pub(crate) struct Deliveries {
    consumer: &'static str,
    event: String,
    consumed: Counter,
    retried: Counter,
    dead_lettered: Counter,
}

impl Deliveries {
    /// Starts all three at zero.
    pub(crate) fn new(consumer: &'static str, event: &str) -> Self {
        let counter = |name, help| Counter::new(name, help, &[("consumer", &[]), ("event", &[])]);
        let deliveries = Self {
            consumer,
            event: event.to_owned(),
            consumed: counter("events_consumed_total", "Deliveries whose handler was done."),
            retried: counter("events_retried_total", "Deliveries put into a retry queue."),
            dead_lettered: counter(
                "events_dead_lettered_total",
                "Deliveries given up and kept for a person.",
            ),
        };
        for counter in [
            &deliveries.consumed,
            &deliveries.retried,
            &deliveries.dead_lettered,
        ] {
            counter.add(0, &deliveries.labels());
        }
        deliveries
    }

    pub(crate) fn consumed(&self) {
        self.consumed.increment(&self.labels());
    }

    pub(crate) fn retried(&self) {
        self.retried.increment(&self.labels());
    }

    pub(crate) fn dead_lettered(&self) {
        self.dead_lettered.increment(&self.labels());
    }

    fn labels(&self) -> [(&str, &str); 2] {
        [("consumer", self.consumer), ("event", &self.event)]
    }
}

/// How much waits in the outbox, and what left it.
#[derive(Clone)]
pub(crate) struct Outbox {
    pending: Gauge,
    oldest_age: Gauge,
    published: Counter,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self {
            pending: Gauge::new("outbox_pending", "Outbox rows not yet published.", &[]),
            oldest_age: Gauge::new(
                "outbox_oldest_age_seconds",
                "Age of the oldest outbox row not yet published; 0 if there is none.",
                &[],
            ),
            published: Counter::new(
                "events_published_total",
                "Outbox rows that the broker confirmed.",
                &[],
            ),
        }
    }

    pub(crate) fn waiting(&self, pending: i64, oldest_age: time::Duration) {
        self.pending.set(&[], gauge::from_count(pending));
        self.oldest_age.set(&[], oldest_age.as_seconds_f64().max(0.0));
    }

    pub(crate) fn published(&self, count: usize) {
        self.published.add(u64::try_from(count).unwrap_or(u64::MAX), &[]);
    }
}
