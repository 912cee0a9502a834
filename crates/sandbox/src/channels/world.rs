//! What the played channels remember.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{calendar::Calendar, dialect::Dialect};

/// All calendars, by name.
pub(crate) struct World {
    pub(crate) calendars: BTreeMap<String, Calendar>,
}

impl World {
    /// One empty calendar of each dialect but the plain one.
    pub(crate) fn new(now: OffsetDateTime) -> Self {
        let real = Dialect::ALL
            .into_iter()
            .filter(|dialect| *dialect != Dialect::Plain);
        let calendars = real.map(|dialect| {
            let name = dialect.name().to_owned();
            (name.clone(), Calendar::new(&name, dialect, now))
        });
        Self {
            calendars: calendars.collect(),
        }
    }

    /// The calendar called `name`, made in the dialect that its name begins with if there was none.
    pub(crate) fn calendar(&mut self, name: &str, now: OffsetDateTime) -> &mut Calendar {
        let dialect = Dialect::ALL
            .into_iter()
            .find(|dialect| name.starts_with(dialect.name()));
        let make = || Calendar::new(name, dialect.unwrap_or(Dialect::Plain), now);
        self.calendars.entry(name.to_owned()).or_insert_with(make)
    }
}

/// Whether a calendar may have this name: it becomes a part of its URL.
pub(crate) fn is_name(name: &str) -> bool {
    let sound = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=60).contains(&name.len()) && name.chars().all(sound)
}
