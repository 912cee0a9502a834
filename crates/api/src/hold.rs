//! Holding nights: what a guest asks and hears.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::money::Money;
use crate::quote::Quote;

/// Asks for nights, unpaid, for 30 minutes.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "accommodation_id": 1, "check_in": "2026-12-10", "check_out": "2026-12-13", "guests": 2, "contact_name": "Ana Pérez", "contact_phone": "+54 9 11 2345-6789"
}))]
pub struct HoldRequest {
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
    /// Best left out: it is `web` for guests, and `staff` where people of the house book; only a service of ours may say
    /// otherwise.
    #[serde(default)]
    pub channel: Option<String>,
    /// 1 to 120 characters.
    pub contact_name: String,
    /// With country code; without one it is read as Argentine. News of the reservation goes there, by WhatsApp. This or
    /// `contact_email` is required.
    #[serde(default)]
    pub contact_phone: Option<String>,
    /// For the house, to write by hand: nothing is sent there by itself. This or `contact_phone` is required.
    #[serde(default)]
    pub contact_email: Option<String>,
}

/// Nights that are held for the guest until `expires_at`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct HeldReservation {
    /// What people call the reservation: `RES261124K7M2QX`.
    pub code: String,
    /// `pre_reserved`.
    pub status: String,
    /// The lodging.
    pub accommodation_id: i64,
    /// The day of arrival.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_in: Date,
    /// The day of departure.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_out: Date,
    /// How many nights.
    pub nights: u32,
    /// How many people stay.
    pub guests: u16,
    /// What the stay costs.
    pub total: Money,
    /// What confirms it when paid.
    pub deposit: Money,
    /// Until when the nights are held.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// What the guest sees and cancels the reservation with: `Authorization: Bearer …`. Never shown again.
    pub access_token: String,
    /// The price with all its parts.
    pub quote: Quote,
}
