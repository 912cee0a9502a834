//! Histograms: how long something took, or how large it was.

use std::time::Duration;

use super::label::{self, Label};
use super::registry;

/// The buckets of every `*_seconds` histogram: 5 ms to 30 s.
///
/// 6 s is among them because the latency alert asks about it.
pub const SECONDS: [f64; 13] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 6.0, 10.0, 20.0, 30.0,
];

/// Counts observations in buckets.
#[derive(Debug, Clone)]
pub struct Histogram {
    inner: opentelemetry::metrics::Histogram<f64>,
    labels: Vec<Label>,
}

impl Histogram {
    /// Declares a histogram of durations in seconds; its name ends in `_seconds`.
    #[must_use]
    pub fn seconds(name: &'static str, help: &'static str, labels: &[Label]) -> Self {
        Self::with_buckets(name, help, &SECONDS, labels)
    }

    /// Declares a histogram with its own bucket bounds.
    #[must_use]
    pub fn with_buckets(name: &'static str, help: &'static str, bounds: &[f64], labels: &[Label]) -> Self {
        let builder = registry::meter().f64_histogram(name).with_description(help);
        Self {
            inner: builder.with_boundaries(bounds.to_vec()).build(),
            labels: labels.to_vec(),
        }
    }

    /// Records a duration.
    pub fn observe(&self, duration: Duration, labels: &[(&str, &str)]) {
        self.record(duration.as_secs_f64(), labels);
    }

    /// Records a number in the histogram's own unit.
    pub fn record(&self, value: f64, labels: &[(&str, &str)]) {
        self.inner.record(value, &label::attributes(&self.labels, labels));
    }
}
