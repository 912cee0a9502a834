//! A payment as `GET /v1/payments/{id}` gives it.

use domain::money::{Currency, Money};
use domain::payment::{Evidence, PaymentState, Version};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::amount::Amount;
use crate::id::Id;
use crate::refund::RefundLine;
use crate::timestamp::lenient;

/// The fields of a payment that we use; anything else is ignored, and all but `id` and `status` may be absent.
///
/// The payer is left out on purpose: the guest's name and address are the reservation's, not the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The payment's id.
    pub id: Id,
    /// The provider's word; [`Payment::state`] classifies it.
    pub status: String,
    /// Why it has that status, in the provider's words.
    #[serde(default)]
    pub status_detail: Option<String>,
    /// The reference that we gave the preference.
    #[serde(default)]
    pub external_reference: Option<String>,
    /// What was to be paid.
    #[serde(default)]
    pub transaction_amount: Option<Amount>,
    /// What has gone back.
    #[serde(default)]
    pub transaction_amount_refunded: Option<Amount>,
    /// ISO 4217.
    #[serde(default)]
    pub currency_id: Option<String>,
    /// `true` has been seen in sandboxes too: it proves nothing.
    #[serde(default)]
    pub live_mode: Option<bool>,
    /// Whose account the money goes to.
    #[serde(default)]
    pub collector_id: Option<Id>,
    /// `regular_payment`, unless money was moved or a card checked.
    #[serde(default)]
    pub operation_type: Option<String>,
    /// Which means, such as `visa` or `rapipago`.
    #[serde(default)]
    pub payment_method_id: Option<String>,
    /// Which kind of means, such as `credit_card`, `account_money`, `ticket`.
    #[serde(default)]
    pub payment_type_id: Option<String>,
    /// When the payer began.
    #[serde(default, with = "lenient")]
    pub date_created: Option<OffsetDateTime>,
    /// When it was approved.
    #[serde(default, with = "lenient")]
    pub date_approved: Option<OffsetDateTime>,
    /// The provider's clock of changes: re-reads are ordered by it.
    #[serde(default, with = "lenient")]
    pub date_last_updated: Option<OffsetDateTime>,
    /// Until when a voucher can be paid.
    #[serde(default, with = "lenient")]
    pub date_of_expiration: Option<OffsetDateTime>,
    /// When the money becomes ours to spend.
    #[serde(default, with = "lenient")]
    pub money_release_date: Option<OffsetDateTime>,
    /// Whether reserved money was captured.
    #[serde(default)]
    pub captured: Option<bool>,
    /// The merchant order it belongs to.
    #[serde(default)]
    pub order: Option<OrderLink>,
    /// The refunds so far.
    #[serde(default)]
    pub refunds: Option<Vec<RefundLine>>,
    /// What the provider keeps.
    #[serde(default)]
    pub fee_details: Option<Vec<Fee>>,
    /// What really moved.
    #[serde(default)]
    pub transaction_details: Option<TransactionDetails>,
}

/// The order that a payment belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLink {
    /// The order's id.
    #[serde(default)]
    pub id: Option<Id>,
    /// `mercadopago`, usually.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

/// One fee of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Such as `mercadopago_fee`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// How much.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// Who pays it: `collector` or `payer`.
    #[serde(default)]
    pub fee_payer: Option<String>,
}

/// What of a payment really moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionDetails {
    /// What reaches the collector.
    #[serde(default)]
    pub net_received_amount: Option<Amount>,
    /// What the payer paid, financing included.
    #[serde(default)]
    pub total_paid_amount: Option<Amount>,
    /// What a voucher was overpaid by.
    #[serde(default)]
    pub overpaid_amount: Option<Amount>,
}

/// What a payment lacks to be judged; it waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncompletePayment {
    /// The currency is absent or not one that the house sells in.
    #[error("the payment has no currency of ours")]
    Currency,
    /// The amount, or the amount that went back, is absent or no amount of its currency.
    #[error("the payment has no amount of its currency")]
    Amount,
    /// `date_last_updated` is absent or malformed.
    #[error("the payment does not say when it last changed")]
    LastUpdated,
}

impl Payment {
    /// Where it stands. A word that we do not know is [`PaymentState::Unknown`]: parked, never a rejection.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        PaymentState::from(self.status.as_str())
    }

    /// Its currency.
    ///
    /// # Errors
    ///
    /// [`IncompletePayment::Currency`].
    pub fn currency(&self) -> Result<Currency, IncompletePayment> {
        let code = self.currency_id.as_deref().ok_or(IncompletePayment::Currency)?;
        code.parse().or(Err(IncompletePayment::Currency))
    }

    /// What was to be paid, before any refund.
    ///
    /// # Errors
    ///
    /// [`IncompletePayment`] without a currency and an amount of it.
    pub fn amount(&self) -> Result<Money, IncompletePayment> {
        let amount = self.transaction_amount.ok_or(IncompletePayment::Amount)?;
        amount.money(self.currency()?).or(Err(IncompletePayment::Amount))
    }

    /// What of it has gone back; an absent figure is nothing.
    ///
    /// # Errors
    ///
    /// [`IncompletePayment`] without a currency, or if the figure is no amount of it.
    pub fn refunded(&self) -> Result<Money, IncompletePayment> {
        let currency = self.currency()?;
        match self.transaction_amount_refunded {
            None => Ok(Money::zero(currency)),
            Some(amount) => amount.money(currency).or(Err(IncompletePayment::Amount)),
        }
    }

    /// What of it moves, for [`domain::payment::advances`].
    ///
    /// # Errors
    ///
    /// [`IncompletePayment`] if one of the pieces is absent.
    pub fn version(&self) -> Result<Version, IncompletePayment> {
        let updated_at = self.date_last_updated.ok_or(IncompletePayment::LastUpdated)?;
        Ok(Version {
            updated_at,
            state: self.state(),
            refunded: self.refunded()?,
        })
    }

    /// What [`domain::payment::guard`] looks at: the amount less what has gone back, whose it is, and why.
    ///
    /// # Errors
    ///
    /// [`IncompletePayment`] without an amount, or if more has gone back than came.
    pub fn evidence(&self) -> Result<Evidence<'_>, IncompletePayment> {
        let (amount, refunded) = (self.amount()?, self.refunded()?);
        if !amount.covers(refunded) {
            return Err(IncompletePayment::Amount);
        }
        Ok(Evidence {
            amount: amount.less(refunded).or(Err(IncompletePayment::Amount))?,
            collector: self.collector_id.as_ref().map_or("", Id::as_str),
            operation: self.operation_type.as_deref().unwrap_or(""),
        })
    }
}

#[cfg(test)]
mod tests;
