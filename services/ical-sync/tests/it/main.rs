//! Calendars that can be trusted: a real PostgreSQL, a real RabbitMQ where events matter, channels played over HTTP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may panic, and tells its seed"
)]

mod conflicts;
mod echoes;
mod exports;
mod feeds;
mod fetching;
mod front;
mod house;
mod imports;
mod model;
mod replica;
mod replicas;
mod trust;
