//! A lodging and the terms on which its nights are sold.

use std::fmt;

use time::Date;

use crate::cancellation::CancellationPolicy;
use crate::money::{BasisPoints, Currency, Money};

/// The number of a lodging, as in its table and in every URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccommodationId(pub i64);

impl fmt::Display for AccommodationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a lodging asks for its nights, and the limits of a stay in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The price of a week night for up to `included_guests`.
    pub base_price: Money,
    /// What Saturday and Sunday nights cost, as a factor: 12,000 is 1.2.
    pub weekend_multiplier: BasisPoints,
    /// Asked once a stay.
    pub cleaning_fee: Money,
    /// Asked a night for each guest over `included_guests`.
    pub extra_guest_fee: Money,
    /// How many guests the price of a night includes.
    pub included_guests: u16,
    /// How many guests may stay.
    pub max_guests: u16,
    /// The shortest stay, in nights.
    pub min_nights: u16,
    /// The longest stay, in nights.
    pub max_nights: u16,
    /// The share of the total that confirms the stay when paid.
    pub deposit: BasisPoints,
    /// What a guest who cancels gets back.
    pub cancellation: CancellationPolicy,
    /// Periods with a price or a minimum of their own; they never overlap.
    pub seasons: Vec<Season>,
}

impl Terms {
    /// The currency of every price of the lodging.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.base_price.currency()
    }

    /// The season in which the night of `date` lies.
    #[must_use]
    pub fn season_of(&self, date: Date) -> Option<&Season> {
        self.seasons
            .iter()
            .find(|season| season.starts_on <= date && date < season.ends_on)
    }
}

/// The nights `[starts_on, ends_on)` with a price or a minimum stay of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Season {
    /// What the host calls it: "Verano".
    pub name: String,
    /// Its first night.
    pub starts_on: Date,
    /// The first night after it.
    pub ends_on: Date,
    /// How it changes the price of a week night.
    pub price: SeasonPrice,
    /// The shortest stay that touches one of its nights, if it has one of its own.
    pub min_nights: Option<u16>,
}

/// How a season changes the price of a week night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeasonPrice {
    /// It replaces the base price.
    Fixed(Money),
    /// It multiplies the base price.
    Multiplier(BasisPoints),
}
