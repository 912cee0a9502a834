//! Counters: how often something happened since the process started.

use super::label::{self, Label};
use super::registry;

/// A number that only grows. Its name ends in `_total`.
#[derive(Debug, Clone)]
pub struct Counter {
    inner: opentelemetry::metrics::Counter<u64>,
    labels: Vec<Label>,
}

impl Counter {
    /// Declares a counter; every combination of known label values starts at 0.
    #[must_use]
    pub fn new(name: &'static str, help: &'static str, labels: &[Label]) -> Self {
        let inner = registry::meter().u64_counter(name).with_description(help).build();
        for attributes in label::combinations(labels) {
            inner.add(0, &attributes);
        }
        Self {
            inner,
            labels: labels.to_vec(),
        }
    }

    /// Counts one event: `created.increment(&[("channel", "web")])`.
    pub fn increment(&self, labels: &[(&str, &str)]) {
        self.add(1, labels);
    }

    /// Counts `amount` events; 0 makes a series appear whose labels are known only at run time.
    pub fn add(&self, amount: u64, labels: &[(&str, &str)]) {
        self.inner.add(amount, &label::attributes(&self.labels, labels));
    }
}
