//! Other channels' calendars, in and out: what they close is imported, what we sold is exported, and what lies over
//! each other is a conflict for a person.

pub mod app;
mod consumers;
pub mod fetch;
mod health;
mod hosts;
mod http;
mod jobs;
pub mod settings;
mod state;
mod use_cases;
