//! What the calendar promises, from the outside.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod blocks;
mod channels;
mod corpus;
mod diff;
mod echoes;
mod export;
mod feed;
mod files;
mod hold;
mod mutations;
mod oracle;
mod properties;
mod random;
mod recurrence;
mod rows;
mod times;
mod zone;
