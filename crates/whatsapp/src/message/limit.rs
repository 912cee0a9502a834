//! Meta's limits, in characters and counts.

use std::collections::HashSet;

/// What of a message is beyond Meta's limits. Sent all the same, it would be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A part has no characters.
    #[error("the {part} is empty")]
    Empty {
        /// Which part.
        part: &'static str,
    },
    /// A part is too long.
    #[error("the {part} has {is} characters, {most} are allowed")]
    Long {
        /// Which part.
        part: &'static str,
        /// How long it is.
        is: usize,
        /// How long it may be.
        most: usize,
    },
    /// There are too few or too many of something.
    #[error("there are {is} {parts}, 1 to {most} are allowed")]
    Count {
        /// Of what.
        parts: &'static str,
        /// How many there are.
        is: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two parts that must differ are the same.
    #[error("two of them have the same {part}")]
    Repeated {
        /// Which part.
        part: &'static str,
    },
    /// A part has characters that it may not have.
    #[error("the {part} has characters that are not allowed")]
    Characters {
        /// Which part.
        part: &'static str,
    },
    /// Of several sections each needs a title.
    #[error("one of several sections has no title")]
    Untitled,
}

/// A text of 1 to `most` characters.
pub(super) fn text(part: &'static str, text: &str, most: usize) -> Result<String, LimitError> {
    let is = text.chars().count();
    if text.trim().is_empty() {
        Err(LimitError::Empty { part })
    } else if most < is {
        Err(LimitError::Long { part, is, most })
    } else {
        Ok(text.to_owned())
    }
}

/// A number of things from 1 to `most`.
pub(super) fn count(parts: &'static str, is: usize, most: usize) -> Result<(), LimitError> {
    if (1..=most).contains(&is) {
        Ok(())
    } else {
        Err(LimitError::Count { parts, is, most })
    }
}

/// Texts of which no two are the same.
pub(super) fn distinct<'a>(
    part: &'static str,
    texts: impl Iterator<Item = &'a str>,
) -> Result<(), LimitError> {
    let mut seen = HashSet::new();
    let mut texts = texts;
    if texts.all(|text| seen.insert(text)) {
        Ok(())
    } else {
        Err(LimitError::Repeated { part })
    }
}
