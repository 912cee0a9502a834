//! What every service does with its stores, on real ones.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod health;
mod messages;
mod migrations;

use std::time::Duration;

/// The longest that anything here may take; the machine may be busy.
const SOON: Duration = Duration::from_secs(20);
