//! Whom a message goes to, and who sent one.

use std::fmt;
use std::str::FromStr;

/// A person on WhatsApp: by number, or by the id that stands in for a hidden number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Digits with the calling code: a `wa_id` as received, or a number.
    Number(WaId),
    /// A business-scoped user id; it changes when the person changes number.
    User(UserId),
}

/// A WhatsApp id or a number in its form: 5 to 20 digits, no plus sign.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WaId(String);

/// A business-scoped user id: two capitals, a dot, and up to 128 letters, digits and dots.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(String);

/// The text names nobody on WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a number nor a user id")]
pub struct RecipientError;

impl WaId {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserId {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes `+`, spaces, dashes and brackets, as the API does.
impl FromStr for WaId {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        let digits: String = text.chars().filter(|letter| !"+- ()".contains(*letter)).collect();
        let clean = digits.bytes().all(|byte| byte.is_ascii_digit());
        if clean && (5..=20).contains(&digits.len()) {
            Ok(Self(digits))
        } else {
            Err(RecipientError)
        }
    }
}

impl FromStr for UserId {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        let (country, rest) = text.split_once('.').ok_or(RecipientError)?;
        let capitals = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        let clean = rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if capitals && clean && (1..=128).contains(&rest.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RecipientError)
        }
    }
}

/// Either form; they cannot be taken for each other.
impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        text.parse()
            .map(Self::User)
            .or_else(|_: RecipientError| text.parse().map(Self::Number))
    }
}

/// Nobody's number belongs in a log.
impl fmt::Debug for WaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaId(…)")
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(…)")
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(wa_id) => wa_id.fmt(f),
            Self::User(user) => user.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Recipient, UserId, WaId};

    #[test]
    fn numbers_are_digits_however_they_are_written() {
        for text in ["5491123456789", "+54 9 11 2345-6789", "+54 (9) 1123456789"] {
            assert_eq!(text.parse::<WaId>().unwrap().as_str(), "5491123456789");
        }
        for text in ["", "+", "1234", "54911x", "١٢٣٤٥٦", "123456789012345678901"] {
            assert!(text.parse::<WaId>().is_err(), "{text}");
        }
    }

    #[test]
    fn user_ids_have_their_form() {
        for text in ["US.13491208655302741918", "AR.ENT.506847293015824"] {
            assert_eq!(text.parse::<UserId>().unwrap().as_str(), text);
            assert!(matches!(text.parse(), Ok(Recipient::User(_))));
        }
        let long = format!("US.{}", "1".repeat(129));
        for text in ["us.1", "U.1", "US.", "US1", "US.ñ", &long] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_is_printed() {
        let number: Recipient = "5491123456789".parse().unwrap();
        let user: Recipient = "US.13491208655302741918".parse().unwrap();
        assert_eq!(format!("{number:?} {user:?}"), "WaId(…) UserId(…)");
    }
}
