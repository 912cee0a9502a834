//! Days in query strings.

use time::Date;
use time::macros::format_description;

use super::error::{About, ApiError};

/// Reads `2026-12-10`; anything else is refused by the parameter's name.
pub(super) fn parse(field: &'static str, text: &str) -> Result<Date, ApiError> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|_not_a_day| {
        ApiError::invalid(About::Request, field, "malformed", "a day looks like 2026-12-10")
    })
}

/// [`parse`] for a parameter that may be left out.
pub(super) fn optional(field: &'static str, text: Option<&str>) -> Result<Option<Date>, ApiError> {
    text.filter(|text| !text.is_empty())
        .map(|text| parse(field, text))
        .transpose()
}
