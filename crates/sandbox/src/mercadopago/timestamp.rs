//! Instants as Mercado Pago writes and reads them.

use time::{
    OffsetDateTime, UtcOffset,
    format_description::{FormatItem, well_known::Rfc3339},
    macros::{format_description, offset},
};

/// The offset in which the payments API answers, whatever the country.
const ZONE: UtcOffset = offset!(-4);

const FORMAT: &[FormatItem<'_>] = format_description!(
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3][offset_hour sign:mandatory]:[offset_minute]"
);

/// `2026-12-01T10:30:00.000-04:00`.
pub(crate) fn write(instant: OffsetDateTime) -> String {
    instant.to_offset(ZONE).format(FORMAT).unwrap_or_default()
}

/// Reads RFC 3339 with any offset.
pub(crate) fn read(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
