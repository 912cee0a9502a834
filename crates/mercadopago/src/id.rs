//! Identifiers of the provider, kept as text.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The longest identifier we take.
const MAX_LENGTH: usize = 64;

/// An identifier as text: some are JSON numbers above 2⁵³, some are strings, the same one may be either.
///
/// Only ASCII letters, digits, `-` and `_`, so that it is safe in a path and in a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 1 to {MAX_LENGTH} letters, digits, - and _")]
pub struct IdError;

impl Id {
    /// The identifier's characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is written as a JSON number: all digits and no leading zero.
    fn is_number(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_digit()) && !self.0.starts_with('0')
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = (1..=MAX_LENGTH).contains(&text.len());
        let clean = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fits && clean {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError)
        }
    }
}

impl From<u64> for Id {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        id_of(&raw).ok_or_else(|| D::Error::custom(IdError))
    }
}

/// A number where the provider writes one, a string otherwise.
impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_number() {
            let raw = RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?;
            raw.serialize(serializer)
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

/// The identifier in a JSON string or whole number; `None` for any other value.
pub(crate) fn id_of(raw: &RawValue) -> Option<Id> {
    let json = raw.get().trim();
    let whole = json.bytes().all(|byte| byte.is_ascii_digit());
    if whole || json.starts_with('"') {
        text_of(raw)?.parse().ok()
    } else {
        None
    }
}

/// The text of a JSON string or number, digit by digit as sent; `None` for any other value.
pub(crate) fn text_of(raw: &RawValue) -> Option<String> {
    let json = raw.get().trim();
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then(|| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Id;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Id>(json).ok().map(|id| id.to_string())
    }

    #[test]
    fn numbers_and_strings_are_the_same_text() {
        assert_eq!(read("233000061680860001").as_deref(), Some("233000061680860001"));
        assert_eq!(
            read("\"233000061680860001\"").as_deref(),
            Some("233000061680860001")
        );
        assert_eq!(
            read("99999999999999999999999").as_deref(),
            Some("99999999999999999999999")
        );
        assert_eq!(read("\"ORD01-AB_c\"").as_deref(), Some("ORD01-AB_c"));
    }

    #[test]
    fn anything_that_could_leave_a_path_is_refused() {
        for json in [
            "\"\"",
            "\"../1\"",
            "\"1;ts:2\"",
            "1.5",
            "-1",
            "1e9",
            "null",
            "{}",
            "\"ñ\"",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(read(&format!("\"{}\"", "1".repeat(65))), None);
    }

    #[test]
    fn it_goes_out_as_the_provider_writes_it() {
        for json in ["233000061680860001", "\"0123\"", "\"12-ab\""] {
            let id: Id = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), json);
        }
    }
}
