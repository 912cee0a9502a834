//! A stay: the nights between two civil dates.

use time::{Date, Duration};

/// The longest stay that the house sells, in nights. Source: architecture, "Reservations".
pub const MAX_NIGHTS: i64 = 365;

/// The half-open range of nights `[check_in, check_out)`, in the lodging's own calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stay {
    check_in: Date,
    check_out: Date,
}

/// Why two dates are not a stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StayError {
    /// No night lies between the dates.
    #[error("check-out {check_out} is not after check-in {check_in}")]
    Empty {
        /// The first date given.
        check_in: Date,
        /// The second date given.
        check_out: Date,
    },
    /// More than [`MAX_NIGHTS`] nights lie between the dates.
    #[error("{nights} nights are more than the {MAX_NIGHTS} that can be booked at once")]
    TooLong {
        /// How many were asked for.
        nights: i64,
    },
}

impl Stay {
    /// Builds a stay from its two dates.
    ///
    /// # Errors
    ///
    /// [`StayError`] if no night lies between them, or more than [`MAX_NIGHTS`] do.
    pub fn new(check_in: Date, check_out: Date) -> Result<Self, StayError> {
        let nights = (check_out - check_in).whole_days();
        if nights < 1 {
            return Err(StayError::Empty { check_in, check_out });
        }
        if MAX_NIGHTS < nights {
            return Err(StayError::TooLong { nights });
        }
        Ok(Self { check_in, check_out })
    }

    /// The day of arrival, which names the first night.
    #[must_use]
    pub fn check_in(self) -> Date {
        self.check_in
    }

    /// The day of departure; its night is not part of the stay.
    #[must_use]
    pub fn check_out(self) -> Date {
        self.check_out
    }

    /// How many nights, from 1 to [`MAX_NIGHTS`].
    #[must_use]
    pub fn nights(self) -> u32 {
        u32::try_from((self.check_out - self.check_in).whole_days()).unwrap_or(0)
    }

    /// The nights in order, each named by the date on which it begins.
    pub fn each_night(self) -> impl Iterator<Item = Date> {
        (0..i64::from(self.nights())).map(move |offset| self.check_in + Duration::days(offset))
    }

    /// Whether the two stays share a night; the day of check-out is free for the next guest.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.check_in < other.check_out && other.check_in < self.check_out
    }
}
