//! What the service `payments` promises: real PostgreSQL and RabbitMQ, Mercado Pago played over HTTP, a clock that stands.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod cells;
mod desk;
mod guard;
mod house;
mod lattice;
mod links;
mod lists;
mod notifications;
mod parking;
mod polls;
mod provider;
mod reconciliation;
mod refunds;
mod start;
