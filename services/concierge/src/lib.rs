//! Talk with guests over WhatsApp: what happened to their stay is told once, and what they write is kept.
//!
//! - [`app`] wires it; [`settings`] is what can be set.
//! - [`templates`] are the texts, as they are approved at Meta; `news` fills them.
//! - `consumers` and `jobs` are its doors; `use_cases` are what it does.
//! - An event only queues a message. A job sends what is queued, outside of any transaction, and notes what came of it.

pub mod app;
mod consumers;
mod gate;
mod health;
mod jobs;
mod letter;
mod metrics;
mod news;
pub mod settings;
mod state;
pub mod templates;
mod use_cases;
