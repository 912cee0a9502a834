//! What a stay costs, night by night.

use time::{Date, Weekday};

use crate::accommodation::{SeasonPrice, Terms};
use crate::cancellation::CancellationPolicy;
use crate::money::{Money, MoneyError};
use crate::stay::Stay;

/// The price of a stay with all its parts; a hold keeps it, so that later prices never alter a sold stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The nights in order.
    pub nights: Vec<Night>,
    /// For the guests over those included, all nights together.
    pub extra_guests: Money,
    /// Asked once.
    pub cleaning: Money,
    /// The sum of everything above.
    pub total: Money,
    /// What confirms the stay when paid.
    pub deposit: Money,
    /// What a guest who cancels gets back.
    pub cancellation: CancellationPolicy,
}

/// One night's price and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// The date on which the night begins.
    pub date: Date,
    /// Its price for the guests included.
    pub price: Money,
    /// Whether it begins on a Saturday or a Sunday.
    pub weekend: bool,
    /// The name of its season.
    pub season: Option<String>,
}

/// Why the lodging does not sell this stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// Fewer nights than the lodging, or a season that the stay touches, asks for.
    #[error("the shortest stay for these dates is {min_nights} nights")]
    TooShort {
        /// The shortest that can be booked.
        min_nights: u16,
    },
    /// More nights than the lodging allows.
    #[error("the longest stay is {max_nights} nights")]
    TooLong {
        /// The longest that can be booked.
        max_nights: u16,
    },
    /// Nobody comes, or more guests than fit.
    #[error("from 1 to {max_guests} guests can stay")]
    Guests {
        /// How many fit.
        max_guests: u16,
    },
    /// The sum does not fit; only absurd prices do that.
    #[error("the price cannot be reckoned")]
    Money(#[from] MoneyError),
}

/// Whether the night of `date` is a weekend night: Saturday's and Sunday's, not Friday's.
///
/// Source: architecture, "Prices".
#[must_use]
pub fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The price of the one night of `date` for the guests included.
///
/// # Errors
///
/// [`MoneyError::Overflow`].
pub fn night(terms: &Terms, date: Date) -> Result<Night, MoneyError> {
    let season = terms.season_of(date);
    let weekday_price = match season.map(|season| season.price) {
        None => terms.base_price,
        Some(SeasonPrice::Fixed(price)) => price,
        Some(SeasonPrice::Multiplier(rate)) => terms.base_price.share(rate)?,
    };
    let weekend = is_weekend(date);
    let price = if weekend {
        weekday_price.share(terms.weekend_multiplier)?
    } else {
        weekday_price
    };
    Ok(Night {
        date,
        price,
        weekend,
        season: season.map(|season| season.name.clone()),
    })
}

/// The shortest stay that `stay`'s nights allow: the largest of the lodging's and its seasons' minimums.
#[must_use]
pub fn min_nights(terms: &Terms, stay: Stay) -> u16 {
    let of_seasons = stay
        .each_night()
        .filter_map(|date| terms.season_of(date)?.min_nights);
    of_seasons.fold(terms.min_nights, u16::max)
}

/// The price of `stay` for `guests`, night by night.
///
/// # Errors
///
/// [`QuoteError`] if the lodging does not sell such a stay.
pub fn quote(terms: &Terms, stay: Stay, guests: u16) -> Result<Quote, QuoteError> {
    let min_nights = min_nights(terms, stay);
    if stay.nights() < u32::from(min_nights) {
        return Err(QuoteError::TooShort { min_nights });
    }
    if u32::from(terms.max_nights) < stay.nights() {
        return Err(QuoteError::TooLong {
            max_nights: terms.max_nights,
        });
    }
    if guests < 1 || terms.max_guests < guests {
        return Err(QuoteError::Guests {
            max_guests: terms.max_guests,
        });
    }
    let nights = stay
        .each_night()
        .map(|date| night(terms, date))
        .collect::<Result<Vec<_>, _>>()?;
    let extra = u32::from(guests.saturating_sub(terms.included_guests));
    let extra_guests = terms.extra_guest_fee.times(extra)?.times(stay.nights())?;
    let cleaning = terms.cleaning_fee;
    let fees = extra_guests.plus(cleaning)?;
    let total = nights.iter().try_fold(fees, |sum, night| sum.plus(night.price))?;
    let deposit = total.share(terms.deposit)?;
    Ok(Quote {
        nights,
        extra_guests,
        cleaning,
        total,
        deposit,
        cancellation: terms.cancellation,
    })
}
