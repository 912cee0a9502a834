//! Nights: a half-open range of dates, and sets of them.

mod set;

pub use set::NightSet;

use std::fmt;

use time::{Date, Duration};

/// The half-open range of nights `[start, end)`, in the house's own calendar; a night is named by the date on
/// which it begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nights {
    start: Date,
    end: Date,
}

/// Why two dates are no range of nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NightsError {
    /// The end is not later than the start.
    #[error("no night lies between {start} and {end}")]
    Empty {
        /// First night.
        start: Date,
        /// The date after the last night.
        end: Date,
    },
}

impl Nights {
    /// Builds a range of at least one night.
    ///
    /// # Errors
    ///
    /// [`NightsError::Empty`] unless `start < end`.
    pub fn new(start: Date, end: Date) -> Result<Self, NightsError> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(NightsError::Empty { start, end })
        }
    }

    /// The one night that begins on `date`; the last day of time has none.
    #[must_use]
    pub fn one(date: Date) -> Option<Self> {
        Some(Self {
            start: date,
            end: date.next_day()?,
        })
    }

    /// First night: the day of check-in.
    #[must_use]
    pub fn start(self) -> Date {
        self.start
    }

    /// The date after the last night: the day of check-out, which can be sold.
    #[must_use]
    pub fn end(self) -> Date {
        self.end
    }

    /// How many nights: at least 1.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::try_from((self.end - self.start).whole_days()).unwrap_or(u32::MAX)
    }

    /// Whether the night that begins on `date` is one of them.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        self.start <= date && date < self.end
    }

    /// Whether every night of `other` is one of them.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a night; back to back is not overlap.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether the two share a night or one begins where the other ends.
    pub(crate) fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// What of it lies at or after `date`.
    #[must_use]
    pub fn from(self, date: Date) -> Option<Self> {
        Self::new(self.start.max(date), self.end).ok()
    }

    /// What of it lies before `date`.
    #[must_use]
    pub fn before(self, date: Date) -> Option<Self> {
        Self::new(self.start, self.end.min(date)).ok()
    }

    /// The nights in order.
    pub fn iter(self) -> impl Iterator<Item = Date> {
        let days = i64::from(self.count());
        (0..days).filter_map(move |day| self.start.checked_add(Duration::days(day)))
    }
}

impl fmt::Display for Nights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.start, self.end)
    }
}

impl fmt::Debug for Nights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}
