//! The time zone of a lodging: the only place where an instant becomes a day of the house.

mod windows;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A time zone of the IANA database, for example `America/Argentina/Buenos_Aires`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// Why a name is not a time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// Neither the IANA database nor the table of Windows names has it.
    #[error("unknown time zone `{name}`")]
    Unknown {
        /// The name that was asked for, cut to 64 characters.
        name: String,
    },
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Finds a zone by its IANA name (in any case of letters) or its Windows name.
    ///
    /// # Errors
    ///
    /// [`ZoneError::Unknown`] if no table has the name.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        iana(name)
            .or_else(|| iana(windows::iana_name(name)?))
            .ok_or_else(|| ZoneError::Unknown {
                name: name.chars().take(64).collect(),
            })
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The offset from UTC in force at `instant`.
    #[must_use]
    pub fn offset_at(self, instant: OffsetDateTime) -> UtcOffset {
        let Some(utc) = DateTime::<Utc>::from_timestamp(instant.unix_timestamp(), 0) else {
            return UtcOffset::UTC;
        };
        offset(self.0.offset_from_utc_datetime(&utc.naive_utc()).fix())
    }

    /// The day of the house at `instant`: "today" when given the present.
    #[must_use]
    pub fn date_of(self, instant: OffsetDateTime) -> Date {
        self.local(instant).date()
    }

    /// What the clock on the wall shows at `instant`.
    pub(crate) fn local(self, instant: OffsetDateTime) -> PrimitiveDateTime {
        let local = instant
            .checked_to_offset(self.offset_at(instant))
            .unwrap_or(instant);
        PrimitiveDateTime::new(local.date(), local.time())
    }

    /// The instant at which the clock on the wall shows `local`.
    ///
    /// An hour that comes twice is its first coming; an hour that the clock skips is read with the offset from
    /// before the gap (RFC 5545, 3.3.5).
    #[must_use]
    pub fn instant_of(self, local: PrimitiveDateTime) -> OffsetDateTime {
        let offset = offset_from_local(self.0, local)
            .or_else(|| offset_from_local(self.0, local.checked_sub(Duration::DAY)?))
            .unwrap_or(UtcOffset::UTC);
        local.assume_offset(offset)
    }

    /// The instant at which `day` begins in the house.
    #[must_use]
    pub fn start_of(self, day: Date) -> OffsetDateTime {
        self.instant_of(PrimitiveDateTime::new(day, Time::MIDNIGHT))
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        Self::named(name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Zone({})", self.name())
    }
}

fn iana(name: &str) -> Option<Zone> {
    if let Ok(zone) = name.parse() {
        return Some(Zone(zone));
    }
    let mut all = chrono_tz::TZ_VARIANTS.iter();
    all.find(|zone| zone.name().eq_ignore_ascii_case(name))
        .map(|zone| Zone(*zone))
}

fn offset_from_local(zone: Tz, local: PrimitiveDateTime) -> Option<UtcOffset> {
    let naive = DateTime::<Utc>::from_timestamp(local.assume_utc().unix_timestamp(), 0)?.naive_utc();
    let found = zone.offset_from_local_datetime(&naive).earliest()?;
    Some(offset(found.fix()))
}

fn offset(fixed: chrono::FixedOffset) -> UtcOffset {
    UtcOffset::from_whole_seconds(fixed.local_minus_utc()).unwrap_or(UtcOffset::UTC)
}
