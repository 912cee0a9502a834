//! Lodgings as guests see them, and as the staff writes them.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, Time};
use utoipa::ToSchema;

use crate::cancellation::CancellationPolicy;
use crate::money::Money;

/// A lodging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accommodation {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What a guest reads about it.
    pub description: String,
    /// Where it is.
    pub city: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// The IANA time zone in which its days are counted.
    pub time_zone: String,
    /// The price of a week night for the guests included; its currency is that of every price.
    pub base_price: Money,
    /// What Saturday and Sunday nights cost, as a factor in basis points: 12,000 is 1.2.
    pub weekend_multiplier_bp: u32,
    /// Asked once a stay.
    pub cleaning_fee: Money,
    /// Asked a night for each guest over `included_guests`.
    pub extra_guest_fee: Money,
    /// How many guests the price of a night includes.
    pub included_guests: u16,
    /// How many guests may stay.
    pub max_guests: u16,
    /// The shortest stay, in nights; a season may ask for more.
    pub min_nights: u16,
    /// The longest stay, in nights.
    pub max_nights: u16,
    /// The share of the total that confirms a stay when paid, in basis points: 3,000 is 30 %.
    pub deposit_bp: u32,
    /// What a guest who cancels gets back.
    pub cancellation: CancellationPolicy,
    /// From when on guests may come, in the lodging's time.
    #[serde(with = "crate::time_of_day")]
    #[schema(value_type = String, example = "15:00")]
    pub check_in_time: Time,
    /// Until when guests leave, in the lodging's time.
    #[serde(with = "crate::time_of_day")]
    #[schema(value_type = String, example = "11:00")]
    pub check_out_time: Time,
    /// Pictures in the order to show them.
    pub photos: Vec<Photo>,
    /// What there is: `wifi`, `parking`, …
    pub amenities: Vec<String>,
    /// What guests must keep to.
    pub house_rules: String,
}

/// A picture of a lodging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// An absolute `https` address, or a path of ours.
    pub url: String,
    /// What it shows.
    #[serde(default)]
    pub caption: String,
}

/// A lodging as the staff sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminAccommodation {
    /// What everybody sees.
    #[serde(flatten)]
    pub accommodation: Accommodation,
    /// Whether it can be seen and booked.
    pub active: bool,
    /// When it was entered.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it, or one of its seasons, was last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A lodging as the staff writes it, whole: what is left out gets the house's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccommodationDraft {
    /// 1 to 120 characters.
    pub name: String,
    /// At most 5,000 characters.
    #[serde(default)]
    pub description: String,
    /// At most 120 characters.
    #[serde(default)]
    pub city: String,
    /// ISO 3166-1, two capital letters.
    #[serde(default = "argentina")]
    pub country: String,
    /// An IANA time zone.
    #[serde(default = "buenos_aires")]
    pub time_zone: String,
    /// The price of a week night, above zero; its currency is that of every price of the lodging.
    pub base_price: Money,
    /// From 1,000 to 100,000.
    #[serde(default = "weekend_multiplier")]
    pub weekend_multiplier_bp: u32,
    /// Asked once a stay; none if left out.
    #[serde(default)]
    pub cleaning_fee: Option<Money>,
    /// Asked a night for each guest over `included_guests`; none if left out.
    #[serde(default)]
    pub extra_guest_fee: Option<Money>,
    /// From 1 to `max_guests`.
    #[serde(default = "two")]
    pub included_guests: u16,
    /// At most 100.
    #[serde(default = "two")]
    pub max_guests: u16,
    /// From 1 to `max_nights`.
    #[serde(default = "one")]
    pub min_nights: u16,
    /// At most 365.
    #[serde(default = "thirty")]
    pub max_nights: u16,
    /// From 1 to 10,000.
    #[serde(default = "deposit")]
    pub deposit_bp: u32,
    /// Free until 7 days before, then half until 2 days before, if left out.
    #[serde(default = "policy")]
    pub cancellation: CancellationPolicy,
    /// `HH:MM`.
    #[serde(with = "crate::time_of_day", default = "three_in_the_afternoon")]
    #[schema(value_type = String, example = "15:00")]
    pub check_in_time: Time,
    /// `HH:MM`.
    #[serde(with = "crate::time_of_day", default = "eleven_in_the_morning")]
    #[schema(value_type = String, example = "11:00")]
    pub check_out_time: Time,
    /// At most 50.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// At most 100, of 1 to 60 characters each.
    #[serde(default)]
    pub amenities: Vec<String>,
    /// At most 5,000 characters.
    #[serde(default)]
    pub house_rules: String,
}

fn argentina() -> String {
    "AR".to_owned()
}

fn buenos_aires() -> String {
    "America/Argentina/Buenos_Aires".to_owned()
}

fn weekend_multiplier() -> u32 {
    12_000
}

fn deposit() -> u32 {
    3_000
}

fn one() -> u16 {
    1
}

fn two() -> u16 {
    2
}

fn thirty() -> u16 {
    30
}

fn policy() -> CancellationPolicy {
    CancellationPolicy {
        free_days: 7,
        partial_days: 2,
        partial_bp: 5_000,
    }
}

fn three_in_the_afternoon() -> Time {
    time::macros::time!(15:00)
}

fn eleven_in_the_morning() -> Time {
    time::macros::time!(11:00)
}
