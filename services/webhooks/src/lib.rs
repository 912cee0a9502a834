//! Deliveries from WhatsApp and Mercado Pago: verify, store raw, answer, publish. Nothing else.
//!
//! - [`app`] wires it; [`settings`] is what can be set.
//! - `http` judges deliveries and shows them to staff; `use_cases` keep, sweep, replay and forget them.
//! - `group` stores together what comes together.
//! - `consumers` reads back what was kept in RabbitMQ while PostgreSQL was away.

pub mod app;
mod consumers;
mod group;
mod http;
mod jobs;
mod metrics;
pub mod settings;
mod state;
mod use_cases;
