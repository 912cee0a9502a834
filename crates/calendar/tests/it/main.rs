//! What the calendar promises, from the outside.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod channels;
mod export;
mod feed;
mod files;
mod recurrence;
mod rows;
mod times;
mod zone;
