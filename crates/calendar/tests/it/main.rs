//! What the calendar promises, from the outside.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod blocks;
mod channels;
mod diff;
mod export;
mod feed;
mod files;
mod hold;
mod properties;
mod recurrence;
mod rows;
mod times;
mod zone;
