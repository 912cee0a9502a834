//! What this service counts.

use telemetry::metrics::{Counter, Gauge, Histogram};
use whatsapp::action::Action;
use whatsapp::client::{Attempt, Operation};
use whatsapp::webhook::Content;

use crate::letter::Subject;

const SUBJECTS: &[&str] = &[
    "confirmed",
    "payment_link",
    "reminder",
    "payment_rejected",
    "payment_refunded",
    "cancelled",
    "expired",
];
const STATUSES: &[&str] = &["sent", "delivered", "read", "played", "failed"];
const EFFECTS: &[&str] = &["applied", "recorded", "contradicts", "sent_again", "not_ours"];
const KINDS: &[&str] = &[
    "text",
    "button",
    "row",
    "quick_reply",
    "media",
    "location",
    "reaction",
    "edit",
    "revoke",
    "system",
    "unsupported",
    "other",
];

/// The counters of the service; made once, at start.
#[derive(Clone)]
pub(crate) struct Metrics {
    queued: Counter,
    sent: Counter,
    put_off: Counter,
    failed: Counter,
    statuses: Counter,
    received: Counter,
    account_updates: Counter,
    told_late: Counter,
    pub(crate) waiting: Gauge,
    pub(crate) oldest: Gauge,
    provider_requests: Counter,
    provider_seconds: Histogram,
    pub(crate) circuit_open: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let operations: &'static [&'static str] = Operation::ALL.map(Operation::as_str).to_vec().leak();
        let actions = Action::ALL.map(Action::as_str);
        let outcomes = [&["success", "not_sent", "unknown_outcome"], actions.as_slice()]
            .concat()
            .leak();
        let causes = [
            actions.as_slice(),
            &["not_sent", "unknown_outcome", "statuses_pending"],
        ]
        .concat()
        .leak();
        let failures = [
            actions.as_slice(),
            &[
                "no_phone",
                "obsolete",
                "too_late",
                "unreadable",
                "template_paused",
                "not_sent",
                "unknown_outcome",
            ],
        ]
        .concat()
        .leak();
        let subject = ("message", SUBJECTS);
        Self {
            queued: Counter::new("messages_queued_total", "Messages to guests, queued.", &[subject]),
            sent: Counter::new(
                "messages_sent_total",
                "Messages to guests that WhatsApp took.",
                &[subject, ("form", &["text", "template"])],
            ),
            put_off: Counter::new(
                "messages_put_off_total",
                "Sendings that did not succeed and are repeated.",
                &[("cause", causes)],
            ),
            failed: Counter::new(
                "messages_failed_total",
                "Messages to guests that were given up.",
                &[subject, ("cause", failures)],
            ),
            statuses: Counter::new(
                "message_statuses_total",
                "Statuses of our messages, by what they changed.",
                &[("status", STATUSES), ("effect", EFFECTS)],
            ),
            received: Counter::new(
                "messages_received_total",
                "Messages of guests, stored.",
                &[("kind", KINDS)],
            ),
            account_updates: Counter::new(
                "whatsapp_account_updates_total",
                "Changes of our WhatsApp account that Meta told of.",
                &[],
            ),
            told_late: Counter::new(
                "messages_missed_total",
                "Confirmed stays whose message no event had queued.",
                &[],
            ),
            waiting: Gauge::new("messages_waiting", "Messages that wait to be sent.", &[]),
            oldest: Gauge::new(
                "messages_oldest_age_seconds",
                "How long the oldest message has waited to be sent.",
                &[],
            ),
            provider_requests: Counter::new(
                "provider_requests_total",
                "Requests to the provider, by operation and outcome.",
                &[("operation", operations), ("outcome", outcomes)],
            ),
            provider_seconds: Histogram::seconds(
                "provider_request_duration_seconds",
                "How long a request to the provider took.",
                &[("operation", operations)],
            ),
            circuit_open: Gauge::new(
                "provider_circuit_open",
                "Whether the provider is left alone (1 or 0).",
                &[],
            ),
        }
    }

    pub(crate) fn queued(&self, subject: Subject) {
        self.queued.increment(&[("message", subject.as_str())]);
    }

    pub(crate) fn sent(&self, subject: Subject, form: &str) {
        self.sent
            .increment(&[("message", subject.as_str()), ("form", form)]);
    }

    pub(crate) fn put_off(&self, cause: &str) {
        self.put_off.increment(&[("cause", cause)]);
    }

    pub(crate) fn failed(&self, subject: &str, cause: &str) {
        self.failed.increment(&[("message", subject), ("cause", cause)]);
    }

    pub(crate) fn status(&self, status: &str, effect: &str) {
        self.statuses.increment(&[("status", status), ("effect", effect)]);
    }

    pub(crate) fn received(&self, content: &Content) {
        self.received.increment(&[("kind", content.kind())]);
    }

    pub(crate) fn account_update(&self) {
        self.account_updates.increment(&[]);
    }

    pub(crate) fn told_late(&self) {
        self.told_late.increment(&[]);
    }

    pub(crate) fn attempt(&self, attempt: Attempt) {
        let operation = ("operation", attempt.operation.as_str());
        self.provider_requests
            .increment(&[operation, ("outcome", attempt.outcome.as_str())]);
        self.provider_seconds.observe(attempt.took, &[operation]);
    }
}
