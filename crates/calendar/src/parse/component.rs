//! From lines to components: whole calendars with their events and time zones, or a reason why not.

mod raw;
mod stack;

pub(super) use raw::{End, Extra, Moment, RawEvent, RawObservance, RawTimezone, Status};

use self::stack::{Component, Stack};
use super::context::Limits;
use super::lines::Lines;
use super::property::{self, Property};
use super::verdict::Broken;
use super::warning::{Problem, Warnings};
use crate::Channel;

/// VTIMEZONEs in a file, and observances in one, beyond which the others are ignored.
const MOST_TIMEZONES: usize = 128;

/// Everything in a file that matters to us.
#[derive(Debug, Default)]
pub(super) struct Calendars {
    /// The first channel that a PRODID gave away.
    pub(super) channel: Option<Channel>,
    pub(super) events: Vec<RawEvent>,
    pub(super) timezones: Vec<RawTimezone>,
}

/// Reads all calendars of a file.
pub(super) fn read(bytes: &[u8], limits: &Limits, warnings: &mut Warnings) -> Result<Calendars, Broken> {
    if limits.bytes < bytes.len() {
        return Err(Broken::TooLarge);
    }
    let mut reader = Reader {
        calendars: Calendars::default(),
        stack: Stack::default(),
        limits,
        warnings,
    };
    for line in Lines::new(bytes) {
        reader.line(&line)?;
    }
    reader.finish(bytes)
}

struct Reader<'a> {
    calendars: Calendars,
    stack: Stack,
    limits: &'a Limits,
    warnings: &'a mut Warnings,
}

impl Reader<'_> {
    fn line(&mut self, line: &[u8]) -> Result<(), Broken> {
        let name = property::name(line);
        if name.eq_ignore_ascii_case(b"BEGIN") {
            return self.begin(&component_name(line));
        }
        if name.eq_ignore_ascii_case(b"END") {
            return self.end(&component_name(line));
        }
        match self.stack.top() {
            Some(Component::Event) => self.event_line(name, line),
            Some(Component::Calendar) if name.eq_ignore_ascii_case(b"PRODID") => self.prodid(line),
            Some(Component::Timezone | Component::Observance) => self.timezone_line(name, line),
            Some(Component::Calendar | Component::Other(_)) => {}
            None if line.trim_ascii().is_empty() => {}
            None => self.warnings.of_file(Problem::TextOutside),
        }
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Result<(), Broken> {
        let component = match (name, self.stack.top()) {
            ("VCALENDAR", Some(_)) => return Err(self.stack.cut()),
            ("VCALENDAR", None) => Component::Calendar,
            ("VEVENT", Some(Component::Event)) => return Err(Broken::CutInsideEvent),
            ("VEVENT", Some(Component::Calendar) | None) => self.begin_event()?,
            ("VTIMEZONE", Some(Component::Calendar)) => self.begin_timezone(),
            ("STANDARD" | "DAYLIGHT", Some(Component::Timezone)) => self.begin_observance(),
            _ => Component::Other(name.to_owned()),
        };
        self.stack.push(component)
    }

    fn begin_event(&mut self) -> Result<Component, Broken> {
        let number = u32::try_from(self.calendars.events.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        if self.limits.events < number {
            return Err(Broken::TooManyEvents);
        }
        self.calendars.events.push(RawEvent {
            number,
            ..RawEvent::default()
        });
        Ok(Component::Event)
    }

    fn begin_timezone(&mut self) -> Component {
        if MOST_TIMEZONES <= self.calendars.timezones.len() {
            return Component::Other("VTIMEZONE".to_owned());
        }
        self.calendars.timezones.push(RawTimezone::default());
        Component::Timezone
    }

    fn begin_observance(&mut self) -> Component {
        match self.calendars.timezones.last_mut() {
            Some(timezone) if timezone.observances.len() < MOST_TIMEZONES => {
                timezone.observances.push(RawObservance::default());
                Component::Observance
            }
            _ => Component::Other("OBSERVANCE".to_owned()),
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Broken> {
        if !self.stack.pop(name)? {
            self.warnings.of_file(Problem::Unbalanced);
        }
        Ok(())
    }

    fn event_line(&mut self, name: &[u8], line: &[u8]) {
        let Some(event) = self.calendars.events.last_mut() else {
            return;
        };
        if !RawEvent::wants(name) {
            return;
        }
        let Some(property) = Property::read(line) else {
            self.warnings.of(event.number, Problem::NotAProperty);
            return;
        };
        if property.replaced {
            self.warnings.of_file(Problem::NotText);
        }
        event.set(name, &property, self.warnings);
    }

    fn timezone_line(&mut self, name: &[u8], line: &[u8]) {
        let Some(timezone) = self.calendars.timezones.last_mut() else {
            return;
        };
        if let Some(property) = Property::read(line) {
            timezone.set(name, &property, self.stack.top() == Some(&Component::Observance));
        }
    }

    fn prodid(&mut self, line: &[u8]) {
        if self.calendars.channel.is_none()
            && let Some(property) = Property::read(line)
        {
            self.calendars.channel = Channel::from_prodid(&property.text(200));
        }
    }

    fn finish(self, bytes: &[u8]) -> Result<Calendars, Broken> {
        if !self.stack.is_empty() {
            return Err(self.stack.cut());
        }
        if self.stack.has_ended_a_calendar() {
            return Ok(self.calendars);
        }
        let text = bytes.trim_ascii_start();
        if text.is_empty() {
            Err(Broken::NoBytes)
        } else if text.starts_with(b"<") {
            Err(Broken::Html)
        } else {
            Err(Broken::NoCalendar)
        }
    }
}

/// The component that a BEGIN or END line names, in upper case.
fn component_name(line: &[u8]) -> String {
    let value = line.splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default();
    let mut name = String::from_utf8_lossy(value.trim_ascii()).to_ascii_uppercase();
    name.retain(|character| character.is_ascii_graphic());
    name
}
