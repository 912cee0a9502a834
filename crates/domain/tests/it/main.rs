//! What the rules of the house promise.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod cancellation;
mod contacts;
mod money;
mod payments;
mod pricing;
mod stays;
