//! Which nights of a lodging are free, and what they cost.

use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use crate::money::Money;

/// The nights `[from, to)` of a lodging, at most 400.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Availability {
    /// The lodging.
    pub accommodation_id: i64,
    /// The first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The day after the last night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Every night in order.
    pub nights: Vec<NightAvailability>,
}

/// One night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NightAvailability {
    /// The day on which the night begins.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Whether it can be booked: not past, not held, not sold, not closed by another channel.
    pub available: bool,
    /// Its price for the guests included.
    pub price: Money,
    /// Whether it begins on a Saturday or a Sunday.
    pub weekend: bool,
    /// The name of its season, if it lies in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<String>,
    /// The shortest stay that may touch it, in nights.
    pub min_nights: u16,
}
