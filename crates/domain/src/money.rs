//! Money: integer minor units and an ISO 4217 currency, never a float.

use std::fmt;
use std::str::FromStr;

/// An ISO 4217 alphabetic code, upper case, with the exponent of its minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// The text is not a currency that the house sells in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of the supported currencies")]
pub struct UnknownCurrency(String);

impl Currency {
    /// Argentine peso.
    pub const ARS: Self = Self(*b"ARS");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// The currencies of Mercado Pago's countries and the dollar, with the digits of their minor unit.
    ///
    /// Source: ISO 4217. Mercado Pago takes whole pesos in Chile and Colombia; ISO gives the latter two digits.
    const SUPPORTED: [([u8; 3], u32); 9] = [
        (*b"ARS", 2),
        (*b"BOB", 2),
        (*b"BRL", 2),
        (*b"CLP", 0),
        (*b"COP", 2),
        (*b"MXN", 2),
        (*b"PEN", 2),
        (*b"USD", 2),
        (*b"UYU", 2),
    ];

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal digits the minor unit has: 2 for ARS, 0 for CLP.
    #[must_use]
    pub fn exponent(self) -> u32 {
        Self::SUPPORTED
            .iter()
            .find(|(code, _)| *code == self.0)
            .map_or(2, |(_, exponent)| *exponent)
    }

    /// How many minor units make one whole unit.
    fn scale(self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        Self::SUPPORTED
            .iter()
            .find(|(code, _)| code.as_slice() == text.as_bytes())
            .map(|(code, _)| Self(*code))
            .ok_or_else(|| UnknownCurrency(text.chars().take(8).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A rate in hundredths of a percent: `3_000` is 30 %, `12_000` is a factor of 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(pub u32);

impl BasisPoints {
    /// The whole: 100 %.
    pub const ONE: Self = Self(10_000);
}

/// An amount in the currency's minor unit (centavos): never a float, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount of money could not be made or reckoned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// An amount below zero was asked for.
    #[error("an amount of money cannot be negative")]
    Negative,
    /// The result does not fit 63 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// The two amounts are of different currencies.
    #[error("cannot reckon {0} with {1}")]
    Currencies(Currency, Currency),
    /// The text is not a decimal amount with at most the currency's digits.
    #[error("not a decimal amount in {0}")]
    Malformed(Currency),
}

impl Money {
    /// `minor` units of `currency`.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Negative`] below zero.
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor < 0 {
            Err(MoneyError::Negative)
        } else {
            Ok(Self { minor, currency })
        }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a plain decimal such as `15000`, `15000.5` or `15000.50`: ASCII digits, one point, no sign.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Malformed`] for anything else, among it more digits than the currency has, and
    /// [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let malformed = || MoneyError::Malformed(currency);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let exponent = currency.exponent();
        let fraction = fraction.trim_end_matches('0');
        let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        if whole.is_empty() || !digits(whole) || !digits(fraction) || exponent < places || text.ends_with('.')
        {
            return Err(malformed());
        }
        let whole: i64 = whole.parse().or(Err(MoneyError::Overflow))?;
        let fraction = match fraction {
            "" => 0,
            digits => digits.parse::<i64>().or(Err(malformed()))? * 10_i64.pow(exponent - places),
        };
        let minor = whole
            .checked_mul(currency.scale())
            .and_then(|minor| minor.checked_add(fraction));
        Self::new(minor.ok_or(MoneyError::Overflow)?, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether nothing is owed.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The decimal text with all the currency's digits: `15000.00`.
    #[must_use]
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent();
        let scale = self.currency.scale();
        if exponent == 0 {
            return self.minor.to_string();
        }
        let width = usize::try_from(exponent).unwrap_or(2);
        format!("{}.{:0width$}", self.minor / scale, self.minor % scale)
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Currencies`] and [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// What is left of `self` after `other`, nothing if `other` is more.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Currencies`].
    pub fn less(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(Self {
            minor: self.minor.saturating_sub(other.minor).max(0),
            ..self
        })
    }

    /// `count` times the amount.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Overflow`].
    pub fn times(self, count: u32) -> Result<Self, MoneyError> {
        let minor = self
            .minor
            .checked_mul(i64::from(count))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The share of `self` that `rate` asks for, rounded half-up to a whole minor unit.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Overflow`].
    pub fn share(self, rate: BasisPoints) -> Result<Self, MoneyError> {
        let scaled = i128::from(self.minor) * i128::from(rate.0);
        let minor = i64::try_from((scaled + 5_000) / 10_000).or(Err(MoneyError::Overflow))?;
        Ok(Self { minor, ..self })
    }

    /// Whether `self` is at least `other`; false for another currency.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.currency == other.currency && other.minor <= self.minor
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currencies(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}
