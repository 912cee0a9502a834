#![expect(missing_docs, reason = "a test binary has no readers of its documents")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod errors;
mod harness;
mod sending;
