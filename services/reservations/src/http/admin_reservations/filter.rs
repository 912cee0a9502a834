//! Which reservations a list shows.

use domain::accommodation::AccommodationId;
use serde::Deserialize;
use service::bounded_text::bounded;
use storage::reservations::Filter;

use crate::http::error::{About, ApiError};
use crate::http::iso_date;

/// The index knows of three letters or digits in a row, and of no less.
const SHORTEST_TEXT: usize = 3;
const LONGEST_TEXT: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Conditions {
    pub(super) accommodation_id: Option<i64>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) status: Option<String>,
    pub(super) text: Option<String>,
}

impl Conditions {
    /// Which reservations are asked for.
    pub(super) fn filter(&self) -> Result<Filter, ApiError> {
        let status = self.status.as_deref().filter(|status| !status.is_empty());
        let status = status.map(str::parse).transpose();
        let text = bounded(self.text.as_deref().unwrap_or_default(), 0, LONGEST_TEXT)
            .ok_or_else(|| refused("text", "too_long", "at most 100 characters"))?;
        if (1..SHORTEST_TEXT).contains(&text.chars().count()) {
            return Err(refused("text", "too_short", "at least 3 characters"));
        }
        let code = text.parse::<domain::code::ReservationCode>().ok();
        let from = iso_date::optional("from", self.from.as_deref())?;
        let to = iso_date::optional("to", self.to.as_deref())?;
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            return Err(refused(
                "to",
                "not_after_from",
                "`to` is the day after the last night",
            ));
        }
        Ok(Filter {
            accommodation: self.accommodation_id.map(AccommodationId),
            from,
            to,
            status: status.map_err(|_unknown| refused("status", "unknown", "not a reservation's state"))?,
            // A whole code is looked up by its index.
            text: (code.is_none() && !text.is_empty()).then_some(text),
            code: code.map(|code| code.to_string()),
        })
    }
}

fn refused(field: &'static str, code: &'static str, detail: &str) -> ApiError {
    ApiError::invalid(About::Request, field, code, detail)
}
