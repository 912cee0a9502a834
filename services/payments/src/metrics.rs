//! What this service counts.

use std::time::Duration;

use domain::payment::{ParkReason, PaymentState};
use mercadopago::client::{Attempt, Operation};
use mercadopago::error::Outcome;
use storage::payments::FoundBy;
use storage::refunds::RefundState;
use telemetry::metrics::{Counter, Gauge, Histogram};

const STATES: &[&str] = &[
    "pending",
    "in_process",
    "authorized",
    "approved",
    "rejected",
    "cancelled",
    "refunded",
    "charged_back",
    "in_mediation",
];
const FOUND_BY: &[&str] = &["webhook", "poll", "person"];
const PARK_REASONS: &[&str] = &[
    "unknown_reservation",
    "wrong_currency",
    "wrong_collector",
    "wrong_operation",
    "unknown_state",
    "incomplete",
    "refund_refused",
    "no_longer_approved",
];
const REFUND_STATES: &[&str] = &["requested", "in_process", "done", "refused"];

/// The counters of the service; made once, at start.
#[derive(Clone)]
pub(crate) struct Metrics {
    payments: Counter,
    found: Counter,
    parked: Counter,
    pub(crate) parked_now: Gauge,
    pub(crate) holds_in_grace: Gauge,
    refunds: Counter,
    links: Counter,
    disputes: Counter,
    confirmation_delay: Histogram,
    provider_requests: Counter,
    provider_seconds: Histogram,
    pub(crate) circuit_open: Gauge,
    announced_again: Counter,
    differences: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            payments: Counter::new(
                "payments_total",
                "Changes of payments, by the state reached.",
                &[("status", STATES)],
            ),
            found: Counter::new(
                "payments_found_total",
                "Payments read for the first time, by how we came to know of them.",
                &[("found_by", FOUND_BY)],
            ),
            parked: Counter::new(
                "payments_parked_total",
                "Payments put before a person.",
                &[("reason", PARK_REASONS)],
            ),
            parked_now: Gauge::new("payments_parked", "Payments that wait for a person.", &[]),
            holds_in_grace: Gauge::new(
                "payment_holds_in_grace",
                "Holds kept beyond their end because the provider has not been asked since.",
                &[],
            ),
            refunds: Counter::new(
                "refunds_total",
                "Refunds, by the state reached.",
                &[("status", REFUND_STATES)],
            ),
            links: Counter::new(
                "payment_links_total",
                "Payment links, by what became of them.",
                &[("result", &["made", "reused", "later", "retired"])],
            ),
            disputes: Counter::new(
                "payment_disputes_total",
                "Chargebacks, claims and fraud alerts heard of.",
                &[("kind", &["chargeback", "claim", "fraud_alert"])],
            ),
            confirmation_delay: Histogram::seconds(
                "payment_confirmation_delay_seconds",
                "From the provider's approval to the confirmed stay.",
                &[],
            ),
            provider_requests: Counter::new(
                "provider_requests_total",
                "Requests to the provider, by operation and outcome.",
                &[("operation", &Operation::LABELS), ("outcome", &Outcome::LABELS)],
            ),
            provider_seconds: Histogram::seconds(
                "provider_request_duration_seconds",
                "How long a request to the provider took.",
                &[("operation", &Operation::LABELS)],
            ),
            circuit_open: Gauge::new(
                "provider_circuit_open",
                "Whether the provider is left alone (1 or 0).",
                &[],
            ),
            announced_again: Counter::new(
                "payments_announced_again_total",
                "Approved payments announced again because nobody had settled them.",
                &[],
            ),
            differences: Counter::new(
                "reconciliation_differences_total",
                "Payments that a comparison with the provider found missing or stale here.",
                &[],
            ),
        }
    }

    pub(crate) fn payment(&self, state: &PaymentState) {
        self.payments.increment(&[("status", state.as_str())]);
    }

    pub(crate) fn found(&self, found_by: FoundBy) {
        self.found.increment(&[("found_by", found_by.as_str())]);
    }

    pub(crate) fn parked(&self, reason: ParkReason) {
        self.parked.increment(&[("reason", reason.as_str())]);
    }

    pub(crate) fn refund(&self, state: RefundState) {
        self.refunds.increment(&[("status", state.as_str())]);
    }

    pub(crate) fn link(&self, result: &str) {
        self.links.increment(&[("result", result)]);
    }

    pub(crate) fn dispute(&self, kind: &str) {
        self.disputes.increment(&[("kind", kind)]);
    }

    pub(crate) fn confirmed_after(&self, delay: time::Duration) {
        let delay = Duration::try_from(delay).unwrap_or_default();
        self.confirmation_delay.observe(delay, &[]);
    }

    pub(crate) fn attempt(&self, attempt: Attempt) {
        let operation = ("operation", attempt.operation.as_str());
        self.provider_requests
            .increment(&[operation, ("outcome", attempt.outcome.as_str())]);
        self.provider_seconds.observe(attempt.took, &[operation]);
    }

    pub(crate) fn announced_again(&self) {
        self.announced_again.increment(&[]);
    }

    pub(crate) fn differences(&self, count: usize) {
        self.differences
            .add(u64::try_from(count).unwrap_or(u64::MAX), &[]);
    }
}
