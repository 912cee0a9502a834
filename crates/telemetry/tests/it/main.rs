//! What telemetry promises, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod log_lines;
mod metrics;
mod traceparent;
