#![expect(missing_docs, reason = "a test binary has no readers of its documents")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod calls;
mod circuit;
mod errors;
mod harness;
mod repetitions;
