//! The service `reservations`: lodgings, prices, availability, holds, stays and their timeline.
//!
//! [`app`] wires it; `http`, `consumers` and `jobs` are its doors; [`use_cases`] are what it does.

pub mod app;
mod calendars;
mod consumers;
mod http;
mod jobs;
mod metrics;
pub mod settings;
mod state;
mod stay_hints;
pub mod use_cases;
