//! Why somebody does something: free text of people, within bounds.

use service::bounded_text::bounded;

use super::error::{About, ApiError};

const LONGEST: usize = 500;

/// A reason that is required.
pub(super) fn required(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let wrong = |code, detail| Err(ApiError::invalid(About::Request, "reason", code, detail));
    if text.is_empty() {
        wrong("required", "a reason is required")
    } else if let Some(reason) = bounded(text, 1, LONGEST) {
        Ok(reason)
    } else {
        wrong("too_long", "a reason has at most 500 characters")
    }
}

/// A reason that may be left out.
pub(super) fn optional(text: Option<&str>) -> Result<String, ApiError> {
    match text.map(str::trim) {
        None | Some("") => Ok(String::new()),
        Some(text) => required(text),
    }
}
