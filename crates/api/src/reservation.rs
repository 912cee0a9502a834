//! Reservations as guests and staff see them, and what can be done to them.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::money::Money;
use crate::quote::Quote;
use crate::timeline::TimelineEntry;

/// A reservation as its guest sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    /// What people call it.
    pub code: String,
    /// `pre_reserved`, `confirmed`, `cancelled`, `expired`, `completed` or `no_show`.
    pub status: String,
    /// `pending`, `partially_paid`, `paid`, `refunded` or `disputed`.
    pub payment_status: String,
    /// The lodging.
    pub accommodation_id: i64,
    /// The lodging's name.
    pub accommodation_name: String,
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
    /// `web`, `whatsapp` or `staff`.
    pub channel: String,
    /// What the stay costs.
    pub total: Money,
    /// What confirms it when paid.
    pub deposit: Money,
    /// What has been paid and not gone back.
    pub paid: Money,
    /// Until when an unpaid hold lasts.
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was confirmed.
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub confirmed_at: Option<OffsetDateTime>,
    /// When it was held.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// What would go back if the guest cancelled now; absent if it cannot be cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_if_cancelled: Option<Money>,
    /// The price with all its parts, as it was sold.
    pub quote: Quote,
}

/// A guest's cancellation. The body may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// Why, at most 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A reservation that is cancelled; doing it twice answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CancelledReservation {
    /// What people call it.
    pub code: String,
    /// `cancelled`.
    pub status: String,
    /// What the cancellation gives back.
    pub refund: Money,
}

/// What goes back when the staff cancels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundChoice {
    /// What the lodging's policy says, as if the guest had cancelled.
    #[default]
    Policy,
    /// All that was paid.
    Full,
    /// Nothing.
    None,
}

/// A cancellation by the staff.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffCancelRequest {
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// What goes back.
    #[serde(default)]
    pub refund: RefundChoice,
}

/// A decision of the staff that needs a reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// Why, 1 to 500 characters.
    pub reason: String,
}

/// A line of the staff's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservationSummary {
    /// The id by which payments refer to it.
    pub id: uuid::Uuid,
    /// What people call it.
    pub code: String,
    /// `pre_reserved`, `confirmed`, `cancelled`, `expired`, `completed` or `no_show`.
    pub status: String,
    /// `pending`, `partially_paid`, `paid`, `refunded` or `disputed`.
    pub payment_status: String,
    /// The lodging.
    pub accommodation_id: i64,
    /// The lodging's name.
    pub accommodation_name: String,
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
    /// `web`, `whatsapp` or `staff`.
    pub channel: String,
    /// Who booked.
    pub contact_name: String,
    /// In E.164.
    pub contact_phone: Option<String>,
    /// The e-mail address, if one was given.
    pub contact_email: Option<String>,
    /// What the stay costs.
    pub total: Money,
    /// What confirms it when paid.
    pub deposit: Money,
    /// What has been paid and not gone back.
    pub paid: Money,
    /// Until when an unpaid hold lasts.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was held.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// All that is known about one reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservationDetail {
    /// The line of the list.
    #[serde(flatten)]
    pub summary: ReservationSummary,
    /// The price with all its parts, as it was sold.
    pub quote: Quote,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
}
