//! An amount of money on the wire.

use domain::money::{self, MoneyError, UnknownCurrency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount of money: decimal text with all the currency's digits, and the ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": "15000.00", "currency": "ARS"}))]
pub struct Money {
    /// Never negative: `15000.00`.
    pub amount: String,
    /// ISO 4217, upper case.
    pub currency: String,
}

/// Why the wire's words are no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidMoney {
    /// The house does not sell in this currency.
    Currency(UnknownCurrency),
    /// The amount cannot be read.
    Amount(MoneyError),
}

impl Money {
    /// The amount as the house reckons it.
    ///
    /// # Errors
    ///
    /// [`InvalidMoney`].
    pub fn decode(&self) -> Result<money::Money, InvalidMoney> {
        let currency = self.currency.parse().map_err(InvalidMoney::Currency)?;
        money::Money::parse(&self.amount, currency).map_err(InvalidMoney::Amount)
    }
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self {
            amount: money.decimal(),
            currency: money.currency().code().to_owned(),
        }
    }
}
