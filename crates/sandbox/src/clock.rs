//! The sandbox's own clock: the real time, unless a test set or moved it.

use std::sync::Mutex;

use time::{Duration, OffsetDateTime};

use crate::state::lock;

/// Tells the time of the played world.
pub(crate) struct Clock(Mutex<Reading>);

/// How the time is read.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// The real time, moved by this much.
    Running { ahead: Duration },
    /// Standing still.
    Standing(OffsetDateTime),
}

impl Clock {
    pub(crate) fn new(now: Option<OffsetDateTime>) -> Self {
        Self(Mutex::new(now.map_or(
            Reading::Running {
                ahead: Duration::ZERO,
            },
            Reading::Standing,
        )))
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        match *lock(&self.0) {
            Reading::Running { ahead } => real_now() + ahead,
            Reading::Standing(instant) => instant,
        }
    }

    /// Stands still at `instant`, or runs with the real time again.
    pub(crate) fn set(&self, instant: Option<OffsetDateTime>) {
        *lock(&self.0) = instant.map_or(
            Reading::Running {
                ahead: Duration::ZERO,
            },
            Reading::Standing,
        );
    }

    /// Moves forward (or back); a standing clock stands at the new instant.
    pub(crate) fn advance(&self, by: Duration) {
        let mut reading = lock(&self.0);
        *reading = match *reading {
            Reading::Running { ahead } => Reading::Running { ahead: ahead + by },
            Reading::Standing(instant) => Reading::Standing(instant + by),
        };
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of the sandbox, which uses no `service`"
)]
fn real_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
