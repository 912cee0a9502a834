//! What the service `reservations` promises, over real HTTP and on real stores.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod calendars;
mod desk;
mod ends;
mod guests;
mod house;
mod idempotency;
mod interleavings;
mod lists;
mod lodgings;
mod news;
mod overviews;
mod payments;
mod quotes;
mod races;
mod recheck;
mod refusals;
mod same_instant;
mod seasons;
mod staff;
mod stores_down;
mod till;
mod waiting;
