//! Metrics in the text format of Prometheus.
//!
//! A metric declares its labels, and the values it knows, when it is made:
//!
//! - every known value exists with 0 from the start, so that `rate()` sees the first event;
//! - a value outside the list is counted as `other`, so that no stranger can create series without end.
//!
//! Make the metrics of a service once, at start, in a struct that lives in its state.
//! Making the same metric twice is harmless: both handles count into the same series.

pub mod counter;
pub mod gauge;
pub mod histogram;
mod label;
mod process;
mod registry;

pub use counter::Counter;
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use label::Label;

/// All metrics of the process as a Prometheus text page, process metrics refreshed.
#[must_use]
pub fn render() -> String {
    process::refresh();
    let families = registry::registry().gather();
    prometheus::TextEncoder::new()
        .encode_to_string(&families)
        .unwrap_or_default()
}

/// The content type of [`render`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Publishes `build_info{service,version}` with the constant value 1.
pub fn build_info(service: &'static str, version: &'static str) {
    Gauge::new("build_info", "What runs: always 1.", &["service", "version"]).set(&[service, version], 1.0);
}
