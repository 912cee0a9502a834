//! What the calendar promises, from the outside.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod export;
mod zone;
