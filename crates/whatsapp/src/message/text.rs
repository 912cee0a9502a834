//! Words.

use std::fmt;

use serde_json::{Value, json};

use super::{LimitError, limit};

/// Up to 4096 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    body: String,
    shows_preview: bool,
}

impl Text {
    /// Plain words.
    ///
    /// # Errors
    ///
    /// [`LimitError`] if there are none or too many.
    pub fn new(body: &str) -> Result<Self, LimitError> {
        Ok(Self {
            body: limit::text("text", body, 4096)?,
            shows_preview: false,
        })
    }

    /// The same with a picture of the first link.
    #[must_use]
    pub fn with_preview(self) -> Self {
        Self {
            shows_preview: true,
            ..self
        }
    }

    pub(super) fn wire(&self) -> Value {
        json!({ "preview_url": self.shows_preview, "body": self.body })
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}
