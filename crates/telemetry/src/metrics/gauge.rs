//! Gauges: how things stand now.
//!
//! They go to the registry directly: OpenTelemetry never forgets a series, so the gauge of a deleted feed would
//! stay at its last value for ever.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use prometheus::{GaugeVec, Opts};

use super::registry;

/// A number that goes up and down, one per combination of label values.
#[derive(Debug, Clone)]
pub struct Gauge {
    inner: GaugeVec,
}

impl Gauge {
    /// Declares a gauge with these label names. Without labels it starts at 0.
    #[must_use]
    pub fn new(name: &'static str, help: &'static str, labels: &[&'static str]) -> Self {
        static KNOWN: LazyLock<Mutex<HashMap<&'static str, GaugeVec>>> = LazyLock::new(Mutex::default);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inner) = known.get(name) {
            return Self { inner: inner.clone() };
        }
        let inner = register(name, help, labels);
        known.insert(name, inner.clone());
        let gauge = Self { inner };
        if labels.is_empty() {
            gauge.set(&[], 0.0);
        }
        gauge
    }

    /// Sets one series; `values` in the order of the declared labels.
    pub fn set(&self, values: &[&str], value: f64) {
        match self.inner.get_metric_with_label_values(values) {
            Ok(series) => series.set(value),
            Err(failure) => tracing::warn!(cause = %failure, "a gauge was set with the wrong labels"),
        }
    }

    /// Adds to one series.
    pub fn add(&self, values: &[&str], amount: f64) {
        if let Ok(series) = self.inner.get_metric_with_label_values(values) {
            series.add(amount);
        }
    }

    /// Replaces all series by these: what is not listed disappears.
    pub fn replace<'a>(&self, series: impl IntoIterator<Item = (Vec<&'a str>, f64)>) {
        self.inner.reset();
        for (values, value) in series {
            self.set(&values, value);
        }
    }
}

/// A count as a gauge's number; exact up to 2^53, which no count of ours reaches.
#[must_use]
pub fn from_count(count: i64) -> f64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "no lossless conversion exists"
    )]
    let number = count as f64;
    number
}

fn register(name: &str, help: &str, labels: &[&str]) -> GaugeVec {
    let inner = GaugeVec::new(Opts::new(name, help), labels);
    // Only a name that is no metric name can fail here: a programming error every test would meet.
    let inner = inner.or_else(|_| GaugeVec::new(Opts::new("invalid_metric_name", help), labels));
    #[expect(clippy::expect_used, reason = "the fallback's name is valid")]
    let inner = inner.expect("a valid gauge");
    if let Err(failure) = registry::registry().register(Box::new(inner.clone())) {
        tracing::warn!(cause = %failure, "gauge {name} is not exported");
    }
    inner
}
