//! What `service` promises to every service, on a real server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod access_log;
mod clock;
mod guest_token;
mod harness;
mod health;
mod idempotency;
mod internal;
mod jobs;
mod metrics;
mod probes;
mod problems;
mod retry_after;
mod settings;
mod settings_page;
mod shutdown;
mod trace_context;
mod upstream;
