//! Seasons of a lodging: periods with a price or a minimum stay of their own.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::money::Money;

/// A season of a lodging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Season {
    /// Its number.
    pub id: i64,
    /// The lodging.
    pub accommodation_id: i64,
    /// What the host calls it.
    pub name: String,
    /// Its first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The first night after it.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
    /// The price of a week night in it; absent if it multiplies the base price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What it multiplies the base price by, in basis points; absent if it has a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier_bp: Option<u32>,
    /// The shortest stay that touches one of its nights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_nights: Option<u16>,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A season as the staff writes it; seasons of one lodging never overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeasonDraft {
    /// 1 to 120 characters.
    pub name: String,
    /// Its first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The first night after it.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
    /// The price of a week night in it, in the lodging's currency. Either this or `multiplier_bp`.
    #[serde(default)]
    pub price: Option<Money>,
    /// What it multiplies the base price by, 1,000 to 100,000 basis points. Either this or `price`.
    #[serde(default)]
    pub multiplier_bp: Option<u32>,
    /// The shortest stay that touches one of its nights, 1 to 365.
    #[serde(default)]
    pub min_nights: Option<u16>,
}
