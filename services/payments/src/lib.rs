//! Payment links, what guests pay, refunds, and the dialogue with Mercado Pago.
//!
//! - [`app`] wires it; [`settings`] is what can be set.
//! - `http`, `consumers` and `jobs` are its doors; `use_cases` are what it does.
//! - A notification is a reason to look, never a fact: every payment is re-read from the provider.

pub mod app;
mod consumers;
mod http;
mod jobs;
mod metrics;
pub mod settings;
mod state;
pub mod use_cases;
