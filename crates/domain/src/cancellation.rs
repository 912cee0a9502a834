//! What a guest who cancels gets back.

use time::Date;

use crate::money::{BasisPoints, Money, MoneyError};

/// Free until some days before check-in, then a share, then nothing.
///
/// `partial_days <= free_days` always holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancellationPolicy {
    free_days: u16,
    partial_days: u16,
    partial: BasisPoints,
}

/// The policy's parts contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the partial refund must end no earlier than the free one, and be at most 100 %")]
pub struct InvalidPolicy;

impl CancellationPolicy {
    /// All money back until `free_days` before check-in, `partial` of it until `partial_days` before, then none.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`] unless `partial_days <= free_days` and `partial` is at most 100 %.
    pub fn new(free_days: u16, partial_days: u16, partial: BasisPoints) -> Result<Self, InvalidPolicy> {
        if free_days < partial_days || BasisPoints::ONE < partial {
            return Err(InvalidPolicy);
        }
        Ok(Self {
            free_days,
            partial_days,
            partial,
        })
    }

    /// The days before check-in until which all money goes back.
    #[must_use]
    pub fn free_days(self) -> u16 {
        self.free_days
    }

    /// The days before check-in until which a share goes back.
    #[must_use]
    pub fn partial_days(self) -> u16 {
        self.partial_days
    }

    /// The share that goes back between the two.
    #[must_use]
    pub fn partial(self) -> BasisPoints {
        self.partial
    }

    /// What of `paid` goes back to a guest who cancels on `today`, both dates in the lodging's calendar.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Overflow`].
    pub fn refund(self, paid: Money, check_in: Date, today: Date) -> Result<Money, MoneyError> {
        let days = (check_in - today).whole_days();
        if i64::from(self.free_days) <= days {
            Ok(paid)
        } else if i64::from(self.partial_days) <= days {
            paid.share(self.partial)
        } else {
            Ok(Money::zero(paid.currency()))
        }
    }
}
