//! Decimal amounts of the wire, exact in both directions.

use domain::money::{Currency, Money};
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::id::text_of;

/// An amount as the provider writes it: a decimal without its currency, digit by digit, never a float.
///
/// May be negative (an adjustment) or finer than the currency; [`Amount::money`] says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(Decimal);

/// The amount is not money of the currency: negative, too fine or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is not an amount of {0}")]
pub struct AmountError(Currency);

impl Amount {
    /// The amount in whole minor units of `currency`.
    ///
    /// # Errors
    ///
    /// [`AmountError`] if it is negative, has a fraction of a minor unit, or is too large.
    pub fn money(self, currency: Currency) -> Result<Money, AmountError> {
        let minor = Decimal::from(10_i64.pow(currency.exponent())).checked_mul(self.0);
        let minor = minor.filter(|minor| minor.fract().is_zero());
        let minor = minor
            .and_then(|minor| i64::try_from(minor).ok())
            .ok_or(AmountError(currency))?;
        Money::new(minor, currency).or(Err(AmountError(currency)))
    }
}

/// Whole amounts have no decimal point: some countries refuse one.
impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        let decimal = Decimal::new(money.minor(), money.currency().exponent());
        Self(if decimal.fract().is_zero() {
            decimal.trunc()
        } else {
            decimal
        })
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        let text = text_of(&raw).ok_or_else(|| D::Error::custom("not a decimal amount"))?;
        let exact = Decimal::from_str_exact(&text).or_else(|_plain| Decimal::from_scientific(&text));
        exact.map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.to_string()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};
    use proptest::prelude::*;

    use super::Amount;

    fn minor(json: &str, currency: Currency) -> Option<i64> {
        let amount: Amount = serde_json::from_str(json).ok()?;
        amount.money(currency).ok().map(Money::minor)
    }

    #[test]
    fn decimals_become_minor_units_exactly() {
        let cases = [
            ("45000.50", Some(4_500_050)),
            ("45000.5", Some(4_500_050)),
            ("\"45000.50\"", Some(4_500_050)),
            ("0.1", Some(10)),
            ("0.29", Some(29)),
            ("1e3", Some(100_000)),
            ("10.500", Some(1_050)),
            ("90071992547409.93", Some(9_007_199_254_740_993)),
            ("10.505", None),
            ("-1", None),
            ("1e30", None),
            ("92233720368547758.08", None),
            ("true", None),
            ("\"\"", None),
        ];
        for (json, expected) in cases {
            assert_eq!(minor(json, Currency::ARS), expected, "{json}");
        }
    }

    #[test]
    fn a_currency_without_decimals_has_none() {
        let pesos: Currency = "CLP".parse().unwrap();
        assert_eq!(minor("45000", pesos), Some(45_000));
        assert_eq!(minor("45000.5", pesos), None);
    }

    proptest! {
        #[test]
        fn money_survives_the_wire(minor_units in 0..i64::MAX) {
            let money = Money::new(minor_units, Currency::ARS).unwrap();
            let json = serde_json::to_string(&Amount::from(money)).unwrap();
            prop_assert!(!json.starts_with('"'));
            prop_assert_eq!(minor(&json, Currency::ARS), Some(minor_units));
        }

        #[test]
        fn no_text_panics(text in "[0-9.eE+-]{0,40}") {
            let _ = minor(&text, Currency::ARS);
        }
    }
}
