//! Components as they are written, without what we have no use for.

mod event;
mod timezone;

pub(in crate::parse) use event::{End, Extra, RawEvent, Status};
pub(in crate::parse) use timezone::{RawObservance, RawTimezone};

use std::rc::Rc;

use crate::parse::property::{Parameters, Property};
use crate::parse::value::{self, Written};

/// A date or time with the name of its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::parse) struct Moment {
    pub(in crate::parse) written: Written,
    /// TZID; it means nothing to dates and to times in UTC.
    pub(in crate::parse) zone: Option<Rc<str>>,
}

impl Moment {
    /// Reads the value of a property such as DTSTART.
    fn read(property: &Property<'_>) -> Option<Self> {
        Self::from_text(&property.plain(), &property.parameters())
    }

    /// Reads one value; `VALUE=DATE` makes a date of a time.
    fn from_text(text: &str, parameters: &Parameters) -> Option<Self> {
        let mut written = value::written(text)?;
        if parameters.value_type.as_deref() == Some("DATE")
            && let Written::Wall(wall) | Written::Utc(wall) = written
        {
            written = Written::Day(wall.date());
        }
        Some(Self {
            written,
            zone: parameters.zone.as_deref().map(Rc::from),
        })
    }
}
