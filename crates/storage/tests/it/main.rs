//! What the stores promise, on a real PostgreSQL and Redis.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod constraints;
mod holds;
mod ical_feeds;
mod idempotency;
mod inbox;
mod listen;
mod migrations;
mod outbox;
mod payment_links;
mod rate_limits;
mod refunds;
mod rows_read;
mod schema;
mod staff;
mod unavailable;
mod webhook_deliveries;
mod world;
