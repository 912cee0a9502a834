//! What a stay costs, night by night.

use domain::pricing;
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use crate::cancellation::CancellationPolicy;
use crate::money::Money;

/// The price of a stay with all its parts; a hold keeps it, so that later prices never alter a sold stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The nights in order.
    pub nights: Vec<QuotedNight>,
    /// What is asked beside the nights; fees of zero are left out.
    pub fees: Vec<Fee>,
    /// The sum of nights and fees.
    pub total: Money,
    /// What confirms the stay when paid.
    pub deposit: Money,
    /// What a guest who cancels gets back.
    pub cancellation: CancellationPolicy,
}

/// One night and its price for the guests included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotedNight {
    /// The day on which the night begins.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Its price.
    pub price: Money,
    /// Whether it begins on a Saturday or a Sunday.
    pub weekend: bool,
    /// The name of its season, if it lies in one.
    pub season: Option<String>,
}

/// An amount asked beside the nights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fee {
    /// Which fee.
    pub kind: FeeKind,
    /// For the whole stay.
    pub amount: Money,
}

/// The fees there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// For the guests over those included, all nights together.
    ExtraGuests,
    /// Once a stay.
    Cleaning,
}

/// A quote for a stay that nobody holds yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StayQuote {
    /// The lodging.
    pub accommodation_id: i64,
    /// The day of arrival.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_in: Date,
    /// The day of departure; its night is not part of the stay.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_out: Date,
    /// How many people stay.
    pub guests: u16,
    /// Whether all nights are free at this moment.
    pub available: bool,
    /// The price.
    #[serde(flatten)]
    pub quote: Quote,
}

impl From<&pricing::Quote> for Quote {
    fn from(quote: &pricing::Quote) -> Self {
        let nights = quote.nights.iter().map(QuotedNight::from).collect();
        let fees = [
            (FeeKind::ExtraGuests, quote.extra_guests),
            (FeeKind::Cleaning, quote.cleaning),
        ];
        let fees = fees.into_iter().filter(|(_, amount)| !amount.is_zero());
        Self {
            nights,
            fees: fees
                .map(|(kind, amount)| Fee {
                    kind,
                    amount: amount.into(),
                })
                .collect(),
            total: quote.total.into(),
            deposit: quote.deposit.into(),
            cancellation: quote.cancellation.into(),
        }
    }
}

impl From<&pricing::Night> for QuotedNight {
    fn from(night: &pricing::Night) -> Self {
        Self {
            date: night.date,
            price: night.price.into(),
            weekend: night.weekend,
            season: night.season.clone(),
        }
    }
}
