//! The house in figures.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::money::Money;

/// The house in figures, as of `as_of`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stats {
    /// When they were counted.
    #[serde(with = "time::serde::rfc3339")]
    pub as_of: OffsetDateTime,
    /// Lodgings that can be booked.
    pub active_accommodations: i64,
    /// Unpaid holds that have not run out.
    pub open_holds: i64,
    /// Confirmed stays that are not over.
    pub confirmed_stays: i64,
    /// Guests of confirmed stays who arrive today, in their house.
    pub arrivals_today: i64,
    /// Guests of confirmed stays who leave today, in their house.
    pub departures_today: i64,
    /// Reservations of the last 30 days, by what became of them.
    pub last_30_days: StatsByStatus,
    /// Nights of active lodgings that are sold, held or closed in the next 30 days.
    pub occupied_nights_next_30_days: i64,
    /// Nights that active lodgings have in the next 30 days.
    pub nights_next_30_days: i64,
    /// What has been paid for the reservations of the last 30 days, one amount a currency.
    pub paid_last_30_days: Vec<Money>,
}

/// How many reservations stand in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatsByStatus {
    /// Unpaid holds.
    pub pre_reserved: i64,
    /// Paid, not over.
    pub confirmed: i64,
    /// Called off.
    pub cancelled: i64,
    /// Ran out unpaid.
    pub expired: i64,
    /// Over.
    pub completed: i64,
    /// The guest never came.
    pub no_show: i64,
}
