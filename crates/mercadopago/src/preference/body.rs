//! The JSON of a preference, as sent and as a server of it reads it.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::amount::Amount;

/// The body of `POST /checkout/preferences`; dates are text in `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferenceBody {
    /// What is paid for.
    pub items: Vec<ItemBody>,
    /// The merchant's reference, carried by every payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// Where notifications go, instead of the panel's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_url: Option<Url>,
    /// Where the payer's browser goes afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_urls: Option<BackUrls>,
    /// `approved` or `all`; needs `back_urls.success`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_return: Option<String>,
    /// Whether the link's life is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<bool>,
    /// The start of the link's life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_date_from: Option<String>,
    /// The end of the link's life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_date_to: Option<String>,
    /// The end of a cash voucher's life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_expiration: Option<String>,
    /// Which means of payment are not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_methods: Option<PaymentMethods>,
    /// What the card statement says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_descriptor: Option<String>,
}

/// A line of what is paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemBody {
    /// The merchant's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the payer reads.
    pub title: String,
    /// How many.
    pub quantity: u32,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_id: Option<String>,
    /// The price of one.
    pub unit_price: Amount,
}

/// Where the payer's browser goes afterwards. What it brings along is the payer's word, for display only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackUrls {
    /// After a payment.
    pub success: Url,
    /// After a refusal.
    pub failure: Url,
    /// While the result is open.
    pub pending: Url,
}

/// Which means of payment are not offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethods {
    /// Kinds of means.
    #[serde(default)]
    pub excluded_payment_types: Vec<Excluded>,
}

/// A kind of means of payment that is not offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Such as `ticket`.
    pub id: String,
}
