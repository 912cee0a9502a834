//! The clocks by which a file tells time.

use std::collections::HashMap;
use std::rc::Rc;

use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::component::RawTimezone;
use super::timezone::FileZone;
use crate::Zone;
use crate::recurrence::{Budget, Window};

/// A clock on a wall somewhere.
#[derive(Debug, Clone)]
pub(super) enum Clock {
    /// In a zone that we know.
    Zone(Zone),
    /// In a zone that the file describes.
    File(Rc<FileZone>),
}

impl Clock {
    pub(super) const UTC: Self = Self::Zone(Zone::UTC);

    pub(super) fn instant_of(&self, wall: PrimitiveDateTime) -> OffsetDateTime {
        match self {
            Self::Zone(zone) => zone.instant_of(wall),
            Self::File(zone) => zone.instant_of(wall),
        }
    }

    pub(super) fn wall_at(&self, instant: OffsetDateTime) -> PrimitiveDateTime {
        match self {
            Self::Zone(zone) => zone.local(instant),
            Self::File(zone) => {
                let local = instant
                    .checked_to_offset(zone.offset_at(instant))
                    .unwrap_or(instant);
                PrimitiveDateTime::new(local.date(), local.time())
            }
        }
    }
}

/// The clocks of one file, found by their TZID.
pub(super) struct Clocks<'a> {
    house: Zone,
    window: Window,
    timezones: &'a [RawTimezone],
    found: HashMap<Rc<str>, Option<Clock>>,
}

impl<'a> Clocks<'a> {
    pub(super) fn new(house: Zone, window: Window, timezones: &'a [RawTimezone]) -> Self {
        Self {
            house,
            window,
            timezones,
            found: HashMap::new(),
        }
    }

    /// The clock of a time without a TZID: that of the house.
    pub(super) fn house(&self) -> Clock {
        Clock::Zone(self.house)
    }

    /// The clock of a TZID: IANA name, else Windows name, else what the file says of it; `None` if nobody knows.
    pub(super) fn find(&mut self, name: &Rc<str>, budget: &mut Budget) -> Option<Clock> {
        if let Some(found) = self.found.get(name) {
            return found.clone();
        }
        let found = known(name)
            .map(Clock::Zone)
            .or_else(|| self.described(name, budget));
        self.found.insert(Rc::clone(name), found.clone());
        found
    }

    fn described(&self, name: &str, budget: &mut Budget) -> Option<Clock> {
        let mut timezones = self.timezones.iter();
        let timezone = timezones.find(|timezone| timezone.name.as_deref() == Some(name.trim()))?;
        let zone = FileZone::new(timezone, self.window, budget)?;
        Some(Clock::File(Rc::new(zone)))
    }
}

/// Also finds the name at the end of a path, as in `/freeassociation.sourceforge.net/Europe/Madrid`.
fn known(name: &str) -> Option<Zone> {
    if let Ok(zone) = Zone::named(name) {
        return Some(zone);
    }
    if !name.starts_with('/') {
        return None;
    }
    let ends = name.match_indices('/').map(|(at, _)| at + 1);
    ends.take(8).find_map(|at| Zone::named(name.get(at..)?).ok())
}

/// The instant of a wall clock that stands `offset` from UTC.
pub(super) fn at_offset(wall: PrimitiveDateTime, offset: UtcOffset) -> OffsetDateTime {
    wall.assume_offset(offset)
}
