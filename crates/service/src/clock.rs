//! The one place that reads the system's clock; below it, time is an argument.

use std::sync::{Arc, Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

/// Tells the time in UTC, truncated to microseconds because PostgreSQL keeps no more. Clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Frozen(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock for tests that stands at `instant` until told otherwise.
    #[must_use]
    pub fn frozen_at(instant: OffsetDateTime) -> Self {
        Self(Source::Frozen(Arc::new(Mutex::new(instant))))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let now = match &self.0 {
            Source::System => system_now(),
            Source::Frozen(instant) => *instant.lock().unwrap_or_else(PoisonError::into_inner),
        };
        truncated(now)
    }

    /// Moves a frozen clock forward; the system's clock does not listen.
    pub fn advance(&self, by: Duration) {
        if let Source::Frozen(instant) = &self.0 {
            *instant.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// Puts a frozen clock to `now`; the system's clock does not listen.
    pub fn set(&self, now: OffsetDateTime) {
        if let Source::Frozen(instant) = &self.0 {
            *instant.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn system_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn truncated(instant: OffsetDateTime) -> OffsetDateTime {
    instant
        .replace_microsecond(instant.microsecond())
        .unwrap_or(instant)
}
