//! The month calendar of all lodgings, page by page.

use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;
use uuid::Uuid;

/// A month of lodgings with what fills it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthCalendar {
    /// `2026-12`.
    pub month: String,
    /// Active lodgings, and others with something in the month, by number.
    pub accommodations: Vec<MonthOfAccommodation>,
    /// Give it back as `cursor` for the next lodgings; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One lodging's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthOfAccommodation {
    /// The lodging.
    pub accommodation_id: i64,
    /// Its name.
    pub name: String,
    /// Whether it can be booked.
    pub active: bool,
    /// How many nights the month has.
    pub nights: u16,
    /// How many of them are held, sold or closed by another channel; each night counts once. A guest who never came
    /// fills none.
    pub occupied_nights: u16,
    /// Those nights.
    #[schema(value_type = Vec<String>, example = json!(["2026-12-10", "2026-12-11"]))]
    pub occupied: Vec<String>,
    /// Reservations of ours that touch the month and took their nights.
    pub stays: Vec<MonthStay>,
    /// Closures of other channels that touch the month.
    pub blocks: Vec<MonthBlock>,
}

/// A reservation in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthStay {
    /// What people call it.
    pub code: String,
    /// `pre_reserved`, `confirmed`, `completed` or `no_show`.
    pub status: String,
    /// Who booked.
    pub contact_name: String,
    /// The day of arrival.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_in: Date,
    /// The day of departure.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_out: Date,
}

/// A closure of another channel in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthBlock {
    /// Its id.
    pub id: Uuid,
    /// Whose: `airbnb`, `booking`, …
    pub channel: String,
    /// Its first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The first night after it.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
}
