//! Today, in the house.

use calendar::Zone;
use time::{Date, OffsetDateTime};

/// The day of a lodging in `time_zone` at `now`; a zone's name is proven when it is written, else UTC counts.
#[must_use]
pub fn house_day(time_zone: &str, now: OffsetDateTime) -> Date {
    Zone::named(time_zone).unwrap_or(Zone::UTC).date_of(now)
}
