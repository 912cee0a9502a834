//! What this service counts.

use telemetry::metrics::{Counter, Histogram};

const SOURCES: &[&str] = &["whatsapp", "mercadopago"];

/// What a delivery was taken for: the stored verdicts, and those that are only counted.
const VERDICTS: &[&str] = &[
    "authentic",
    "hint",
    "dead",
    "unknown",
    "ambiguous",
    "refused",
    "limited",
    "unconfigured",
];

/// The counters of the service; made once, at start.
pub(crate) struct Metrics {
    deliveries: Counter,
    invalid_signatures: Counter,
    duplicates: Counter,
    kept: Counter,
    dead: Counter,
    announced_again: Counter,
    processing: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let source = ("source", SOURCES);
        Self {
            deliveries: Counter::new(
                "webhook_deliveries_total",
                "Deliveries received, by what they were taken for.",
                &[source, ("verdict", VERDICTS)],
            ),
            invalid_signatures: Counter::new(
                "webhook_signature_invalid_total",
                "Deliveries refused because their signature does not verify.",
                &[source],
            ),
            duplicates: Counter::new(
                "webhook_duplicates_total",
                "Deliveries that were there before.",
                &[source],
            ),
            kept: Counter::new(
                "webhook_deliveries_kept_total",
                "Deliveries made durable before their answer, by where; `nowhere` was answered 503.",
                &[source, ("store", &["postgresql", "rabbitmq", "nowhere"])],
            ),
            dead: Counter::new(
                "webhook_dead_total",
                "Authentic deliveries on which nobody can work.",
                &[source],
            ),
            announced_again: Counter::new(
                "webhook_announced_again_total",
                "Deliveries announced again because nobody had worked on them.",
                &[source],
            ),
            processing: Histogram::seconds(
                "webhook_processing_seconds",
                "From the whole body to the answer.",
                &[source],
            ),
        }
    }

    pub(crate) fn received(&self, source: &'static str, verdict: &str) {
        self.deliveries
            .increment(&[("source", source), ("verdict", verdict)]);
    }

    pub(crate) fn invalid_signature(&self, source: &'static str) {
        self.invalid_signatures.increment(&[("source", source)]);
    }

    pub(crate) fn duplicate(&self, source: &'static str) {
        self.duplicates.increment(&[("source", source)]);
    }

    pub(crate) fn kept(&self, source: &'static str, store: &str) {
        self.kept.increment(&[("source", source), ("store", store)]);
    }

    pub(crate) fn dead(&self, source: &'static str) {
        self.dead.increment(&[("source", source)]);
    }

    pub(crate) fn announced_again(&self, source: &'static str) {
        self.announced_again.increment(&[("source", source)]);
    }

    pub(crate) fn answered(&self, source: &'static str, took: std::time::Duration) {
        self.processing.observe(took, &[("source", source)]);
    }
}
