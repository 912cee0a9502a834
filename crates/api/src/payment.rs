//! Paying: the link that a guest pays by.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::money::Money;

/// Where a guest pays what confirms the stay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PaymentLink {
    /// The provider's checkout.
    pub url: String,
    /// Until when it takes money.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// What is asked.
    pub amount: Money,
}
