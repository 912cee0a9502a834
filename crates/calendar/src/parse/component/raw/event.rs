//! A VEVENT as it is written.

use super::Moment;
use crate::parse::property::Property;
use crate::parse::value::{self, WrittenDuration};
use crate::parse::warning::{Problem, Warnings};

/// The most dates that RDATE and EXDATE of one event may list, each.
const MOST_DATES: usize = 4_096;
/// The most RRULEs of one event.
const MOST_RULES: usize = 8;
/// How much of a summary is looked at to label an event; it is not kept.
const SUMMARY: usize = 200;
/// The longest UID that is kept as it is.
const UID: usize = 255;

/// What a VEVENT says about nights.
#[derive(Debug, Default)]
pub(in crate::parse) struct RawEvent {
    /// Which VEVENT of the file, counted from 1.
    pub(in crate::parse) number: u32,
    pub(in crate::parse) uid: Option<String>,
    pub(in crate::parse) start: Option<Moment>,
    pub(in crate::parse) end: End,
    pub(in crate::parse) rules: Vec<String>,
    pub(in crate::parse) more: Vec<Extra>,
    pub(in crate::parse) except: Vec<Moment>,
    /// RECURRENCE-ID: which instance of its UID this event stands for.
    pub(in crate::parse) replaces: Option<Moment>,
    pub(in crate::parse) sequence: u32,
    pub(in crate::parse) status: Status,
    pub(in crate::parse) is_transparent: bool,
    /// To label the event; never given to anybody.
    pub(in crate::parse) summary: String,
    /// Whether the description speaks of a reservation, as Airbnb's does.
    pub(in crate::parse) describes_reservation: bool,
}

/// How an event tells its end.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::parse) enum End {
    #[default]
    Untold,
    At(Moment),
    After(WrittenDuration),
    Unreadable,
}

/// An instance that RDATE adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::parse) struct Extra {
    pub(in crate::parse) start: Moment,
    /// Its own end, when it is a PERIOD.
    pub(in crate::parse) end: End,
}

/// STATUS, as far as it matters.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Status {
    #[default]
    Confirmed,
    Tentative,
    Cancelled,
}

/// The properties that [`RawEvent::set`] knows.
const WANTED: [&[u8]; 14] = [
    b"UID",
    b"DTSTART",
    b"DTEND",
    b"DURATION",
    b"RRULE",
    b"RDATE",
    b"EXDATE",
    b"RECURRENCE-ID",
    b"SEQUENCE",
    b"STATUS",
    b"TRANSP",
    b"SUMMARY",
    b"DESCRIPTION",
    b"URL",
];

impl RawEvent {
    /// Whether the property is one of those that are read at all.
    pub(in crate::parse) fn wants(name: &[u8]) -> bool {
        WANTED.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
    }

    /// Takes over a property; of one that may stand only once, the first counts.
    pub(in crate::parse) fn set(&mut self, name: &[u8], property: &Property<'_>, warnings: &mut Warnings) {
        match name.to_ascii_uppercase().as_slice() {
            b"UID" if self.uid.is_none() => self.uid = uid(property),
            b"DTSTART" if self.start.is_none() => self.start = Moment::read(property),
            b"DTEND" => self.set_end(property, warnings),
            b"DURATION" => self.set_duration(property, warnings),
            b"RRULE" if self.rules.len() < MOST_RULES => self.rules.push(property.plain()),
            b"RDATE" => self.add_dates(property, warnings),
            b"EXDATE" => self.except_dates(property, warnings),
            b"RECURRENCE-ID" => {
                self.replaces = Moment::read(property);
                if property.parameters().has_range {
                    warnings.of(self.number, Problem::ThisAndFuture);
                }
            }
            b"SEQUENCE" => self.sequence = property.plain().parse().unwrap_or(0),
            b"STATUS" => self.status = status(&property.plain()),
            b"TRANSP" => self.is_transparent = property.plain().eq_ignore_ascii_case("TRANSPARENT"),
            b"SUMMARY" if self.summary.is_empty() => self.summary = property.text(SUMMARY),
            b"DESCRIPTION" | b"URL" => self.describes_reservation |= speaks_of_reservation(&property.value),
            _ => {}
        }
    }

    fn set_end(&mut self, property: &Property<'_>, warnings: &mut Warnings) {
        if matches!(self.end, End::After(_)) {
            warnings.of(self.number, Problem::EndAndDuration);
        }
        if !matches!(self.end, End::At(_)) {
            self.end = Moment::read(property).map_or(End::Unreadable, End::At);
        }
    }

    fn set_duration(&mut self, property: &Property<'_>, warnings: &mut Warnings) {
        match self.end {
            End::At(_) => warnings.of(self.number, Problem::EndAndDuration),
            End::After(_) => {}
            End::Untold | End::Unreadable => {
                self.end = value::duration(&property.plain()).map_or(End::Unreadable, End::After);
            }
        }
    }

    fn add_dates(&mut self, property: &Property<'_>, warnings: &mut Warnings) {
        let parameters = property.parameters();
        for text in property.plain().split(',').filter(|text| !text.is_empty()) {
            let (start, end) = match text.split_once('/') {
                Some((start, end)) => (
                    start,
                    period_end(end, |text| Moment::from_text(text, &parameters)),
                ),
                None => (text, End::Untold),
            };
            match Moment::from_text(start, &parameters) {
                Some(start) if self.more.len() < MOST_DATES => self.more.push(Extra { start, end }),
                Some(_) => warnings.of(self.number, Problem::TooManyRecurrences),
                None => warnings.of(self.number, Problem::UnreadableDate),
            }
        }
    }

    fn except_dates(&mut self, property: &Property<'_>, warnings: &mut Warnings) {
        let parameters = property.parameters();
        for text in property.plain().split(',').filter(|text| !text.is_empty()) {
            match Moment::from_text(text, &parameters) {
                Some(moment) if self.except.len() < MOST_DATES => self.except.push(moment),
                Some(_) => warnings.of(self.number, Problem::TooManyRecurrences),
                None => warnings.of(self.number, Problem::UnreadableDate),
            }
        }
    }
}

fn period_end(text: &str, moment: impl Fn(&str) -> Option<Moment>) -> End {
    match value::duration(text) {
        Some(duration) => End::After(duration),
        None => moment(text).map_or(End::Unreadable, End::At),
    }
}

fn uid(property: &Property<'_>) -> Option<String> {
    let uid = property.text(usize::MAX);
    let uid = uid.trim();
    if uid.is_empty() {
        return None;
    }
    if UID < uid.len() {
        return Some(format!("long-{}", crate::export::fingerprint(uid.as_bytes())));
    }
    Some(uid.replace(char::is_control, ""))
}

fn status(text: &str) -> Status {
    if text.eq_ignore_ascii_case("CANCELLED") || text.eq_ignore_ascii_case("CANCELED") {
        Status::Cancelled
    } else if text.eq_ignore_ascii_case("TENTATIVE") {
        Status::Tentative
    } else {
        Status::Confirmed
    }
}

fn speaks_of_reservation(description: &str) -> bool {
    let description = description.to_lowercase();
    description.contains("reservations/details") || description.contains("phone number (last 4 digits)")
}
