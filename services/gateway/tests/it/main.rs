//! What the public API promises, on a real server with real stores; the services behind it are played by a stub.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod callers;
mod documentation;
mod free_nights;
mod guests;
mod health;
mod idempotency;
mod invariants;
mod limits;
mod login;
mod owners;
mod pages;
mod problems;
mod reservation_page;
mod roles;
mod staff_tokens;
mod world;
