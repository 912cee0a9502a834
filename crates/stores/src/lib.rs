//! How a service lives with its stores: it starts before they do, shows how they are, and lets go of them at the end.
//!
//! - [`migrations`]: not ready before the database has every table of this build.
//! - [`messages`]: consumers and the outbox relay run until the service stops, and end in the right order.
//! - [`health`]: one row of `/healthz` for each store, in the same words everywhere.
//! - [`pool`]: in `/metrics`, how busy the connections to PostgreSQL are.
//! - [`problem`]: what a client hears when a store fails.

pub mod health;
pub mod messages;
pub mod migrations;
pub mod pool;
pub mod problem;
