//! A merchant order: the preference's payments under one roof.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::id::Id;

/// What `GET /merchant_orders/{id}` gives; only the ids of its payments matter, each is read on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantOrder {
    /// The order's id.
    pub id: Id,
    /// The provider's word: `opened`, `closed`, `expired`.
    #[serde(default)]
    pub status: Option<String>,
    /// The reference that we gave the preference.
    #[serde(default)]
    pub external_reference: Option<String>,
    /// The preference it comes from.
    #[serde(default)]
    pub preference_id: Option<Id>,
    /// Its payments.
    #[serde(default)]
    pub payments: Option<Vec<OrderPayment>>,
}

/// A payment of an order, in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPayment {
    /// The payment's id.
    pub id: Id,
    /// The provider's word.
    #[serde(default)]
    pub status: Option<String>,
    /// What was to be paid.
    #[serde(default)]
    pub transaction_amount: Option<Amount>,
}

impl MerchantOrder {
    /// What to read next.
    pub fn payment_ids(&self) -> impl Iterator<Item = &Id> {
        self.payments.iter().flatten().map(|payment| &payment.id)
    }
}
