//! The stores: PostgreSQL (one file a table, with its writers named at the top) and Redis (hints and limits).
//!
//! Functions take a connection first, take and give domain types, and keep their row structs private.
//! `Ok(None)` is "there is none"; an error is the store's failure or a named refusal of a constraint.

pub mod accommodations;
pub mod calendar_blocks;
pub mod calendar_conflicts;
pub mod context;
pub mod conversations;
pub mod database;
pub mod error;
pub mod ical_export_tokens;
pub mod ical_feeds;
pub mod idempotency;
pub mod inbox;
pub mod invariants;
pub mod listen;
pub mod messages;
pub mod migrations;
pub mod outbox;
pub mod payment_links;
pub mod payments;
mod prepared;
mod prune;
pub mod rate_limits;
pub mod redis;
pub mod refunds;
pub mod reservations;
mod schema;
pub mod seasons;
pub mod staff;
pub mod stay_locks;
pub mod timeline;
pub mod webhook_deliveries;

pub use context::Context;
pub use database::{Connection, Database, DatabaseSettings, DatabaseUnavailable, StoreFailure};
pub use error::{Refusal, refusal};
pub use prepared::{Insert, together};
