//! Calendars that can be trusted: a real PostgreSQL, a real RabbitMQ where events matter, channels played over HTTP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod conflicts;
mod echoes;
mod exports;
mod feeds;
mod fetching;
mod front;
mod house;
mod imports;
mod replica;
mod replicas;
mod trust;
