//! What the rules of the house promise.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod cancellation;
mod contacts;
mod model;
mod money;
mod payments;
mod pricing;
mod stays;
