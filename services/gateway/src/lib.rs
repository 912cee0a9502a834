//! The public API: who may do what, how often, and who answers. It owns no fact but the accounts of staff.
//!
//! A request is admitted by [`limits`], proven by [`caller`] or a staff token, and relayed to the service that owns the
//! answer; bodies pass as bytes. Only what it says about [`free_nights`] is kept, for a second.

pub mod app;
mod caller;
mod free_nights;
mod http;
mod invariants;
mod limits;
mod login;
pub mod settings;
mod staff_token;
