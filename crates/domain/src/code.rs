//! The code by which people name a reservation: `RES261124K7M2QX`.

use std::fmt;
use std::str::FromStr;

use time::Date;

/// The symbols of a code's tail: digits and capitals without 0/O, 1/I/L and U, which people mix up or misread.
const ALPHABET: [u8; 30] = *b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "RES";
const TAIL: usize = 6;
const LENGTH: usize = 15;

/// `RES`, the UTC day as `yymmdd`, and six symbols of an unambiguous alphabet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReservationCode(String);

/// The text is not a reservation code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a reservation code looks like RES261124K7M2QX")]
pub struct InvalidCode;

impl ReservationCode {
    /// The code of `day` with a tail drawn by the caller; each byte of `chance` gives one symbol.
    #[must_use]
    pub fn new(day: Date, chance: [u8; TAIL]) -> Self {
        let symbols = ALPHABET.iter().copied().cycle();
        let tail: String = chance
            .iter()
            .filter_map(|byte| symbols.clone().nth(usize::from(*byte)))
            .map(char::from)
            .collect();
        let (year, month, day) = (day.year().rem_euclid(100), u8::from(day.month()), day.day());
        Self(format!("{PREFIX}{year:02}{month:02}{day:02}{tail}"))
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReservationCode {
    type Err = InvalidCode;

    /// Reads a code as people type it: spaces around it and lower case are forgiven.
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let code = text.trim().to_ascii_uppercase();
        let body = code.strip_prefix(PREFIX).ok_or(InvalidCode)?.as_bytes();
        let Some((day, tail)) = body.split_at_checked(6) else {
            return Err(InvalidCode);
        };
        let valid = code.len() == LENGTH
            && day.iter().all(u8::is_ascii_digit)
            && tail.iter().all(|symbol| ALPHABET.contains(symbol));
        if valid { Ok(Self(code)) } else { Err(InvalidCode) }
    }
}

impl fmt::Display for ReservationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
