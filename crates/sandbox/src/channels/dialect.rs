//! How each channel writes the same nights.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, format_description::FormatItem, macros::format_description};

use super::{
    calendar::{Calendar, Kind, Stay},
    lines::Lines,
};

const DATE: &[FormatItem<'_>] = format_description!("[year][month][day]");
const INSTANT: &[FormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// Whose way of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// DTEND before DTSTART, stable UIDs, blocks without a description.
    Airbnb,
    /// One summary for everything, METHOD, DTSTAMP of the fetch.
    Booking,
    /// Names in summaries, UIDs of blocks made of their dates.
    Vrbo,
    /// A personal calendar: zones, times, "Busy", and foreign UIDs kept.
    Google,
    /// By the book.
    Plain,
}

impl Dialect {
    pub(crate) const ALL: [Self; 5] = [Self::Airbnb, Self::Booking, Self::Vrbo, Self::Google, Self::Plain];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Airbnb => "airbnb",
            Self::Booking => "booking",
            Self::Vrbo => "vrbo",
            Self::Google => "google",
            Self::Plain => "plain",
        }
    }

    /// Whether two fetches of the same nights give the same bytes.
    pub(crate) fn is_stable(self) -> bool {
        matches!(self, Self::Airbnb | Self::Plain)
    }
}

/// An event before it is written.
struct Event {
    uid: String,
    start: Date,
    end: Date,
    kind: Kind,
    guest: String,
    stamp: OffsetDateTime,
}

/// The whole file, as fetched at `now`, when the day is `today`.
pub(crate) fn write(calendar: &Calendar, now: OffsetDateTime, today: Date) -> String {
    let mut file = Lines::default();
    head(&mut file, calendar);
    for event in events(calendar, now, today) {
        write_event(&mut file, calendar, &event);
    }
    file.line("END:VCALENDAR");
    file.finish()
}

fn head(file: &mut Lines, calendar: &Calendar) {
    file.line("BEGIN:VCALENDAR");
    match calendar.dialect {
        Dialect::Airbnb => {
            file.line("PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN");
            file.line("CALSCALE:GREGORIAN");
            file.line("VERSION:2.0");
        }
        Dialect::Booking => {
            file.line("VERSION:2.0");
            file.line(r"PRODID:-//admin.booking.com\, b.v.//NONSGML v1.0//EN");
            file.line("METHOD:PUBLISH");
        }
        Dialect::Vrbo => {
            file.line("PRODID:-//HomeAway.com, Inc.//EN");
            file.line("VERSION:2.0");
        }
        Dialect::Google => {
            file.line("PRODID:-//Google Inc//Google Calendar 70.9054//EN");
            file.line("VERSION:2.0");
            file.line("CALSCALE:GREGORIAN");
            file.line("METHOD:PUBLISH");
            file.text("X-WR-CALNAME", &calendar.name);
            file.line("X-WR-TIMEZONE:America/Argentina/Buenos_Aires");
            for line in [
                "BEGIN:VTIMEZONE",
                "TZID:America/Argentina/Buenos_Aires",
                "X-LIC-LOCATION:America/Argentina/Buenos_Aires",
                "BEGIN:STANDARD",
                "TZOFFSETFROM:-0300",
                "TZOFFSETTO:-0300",
                "TZNAME:GMT-03",
                "DTSTART:19700101T000000",
                "END:STANDARD",
                "END:VTIMEZONE",
            ] {
                file.line(line);
            }
        }
        Dialect::Plain => {
            file.line("VERSION:2.0");
            file.line("PRODID:-//sandbox//calendar//EN");
        }
    }
}

/// Stays, then what was imported, then the rolling windows.
fn events(calendar: &Calendar, now: OffsetDateTime, today: Date) -> Vec<Event> {
    let stamp = |changed: OffsetDateTime| {
        if calendar.dialect.is_stable() {
            changed
        } else {
            now
        }
    };
    let mut events = Vec::new();
    for stay in &calendar.stays {
        let under_way = stay.start < today && today < stay.end;
        let moves = calendar.quirks.moves_start && under_way;
        let uid = if moves {
            uid_of(calendar.dialect, &format!("{} {today}", stay.key))
        } else {
            uid(calendar, stay)
        };
        for _copy in 0..=calendar.quirks.repeats {
            events.push(Event {
                uid: uid.clone(),
                start: if moves { today } else { stay.start },
                end: stay.end,
                kind: stay.kind,
                guest: stay.guest.clone(),
                stamp: stamp(stay.changed),
            });
        }
    }
    for read in calendar.imported.iter().flat_map(|(_, read)| read) {
        let own = format!("{} imports {}", calendar.name, read.uid);
        events.push(Event {
            // Google keeps foreign UIDs; the others make their own.
            uid: if calendar.dialect == Dialect::Google {
                read.uid.clone()
            } else {
                uid_of(calendar.dialect, &own)
            },
            start: read.start,
            end: read.end,
            kind: Kind::Block,
            guest: String::new(),
            stamp: stamp(calendar.changed),
        });
    }
    for (start, end) in calendar.windows(today) {
        let uid = uid_of(
            calendar.dialect,
            &format!("{} window {start} {end}", calendar.name),
        );
        events.push(Event {
            uid,
            start,
            end,
            kind: Kind::Block,
            guest: String::new(),
            stamp: stamp(calendar.changed),
        });
    }
    events
}

fn uid(calendar: &Calendar, stay: &Stay) -> String {
    match (calendar.dialect, stay.kind) {
        (Dialect::Vrbo, Kind::Block) => uid_of(
            Dialect::Vrbo,
            &format!("{} block {} {}", calendar.name, stay.start, stay.end),
        ),
        (Dialect::Vrbo, _) => stay.key.to_string(),
        (dialect, _) => uid_of(dialect, &stay.key.to_string()),
    }
}

/// A UID in the channel's form, always the same for the same `seed`.
fn uid_of(dialect: Dialect, seed: &str) -> String {
    let hash = hex::encode(digest(&SHA256, seed.as_bytes()));
    let (short, rest) = hash.split_at(12);
    let (long, _) = rest.split_at(32);
    match dialect {
        Dialect::Airbnb => format!("{short}-{long}@airbnb.com"),
        Dialect::Booking => format!("{long}@booking.com"),
        Dialect::Vrbo => long.to_owned(),
        Dialect::Google => format!("{short}{short}@google.com"),
        Dialect::Plain => format!("{long}@sandbox.example"),
    }
}

fn write_event(file: &mut Lines, calendar: &Calendar, event: &Event) {
    let date = |date: Date| date.format(DATE).unwrap_or_default();
    let (start, end) = (date(event.start), date(event.end));
    let stamp = format!("DTSTAMP:{}", event.stamp.format(INSTANT).unwrap_or_default());
    file.line("BEGIN:VEVENT");
    match calendar.dialect {
        Dialect::Airbnb => {
            if !calendar.quirks.without_stamp {
                file.line(&stamp);
            }
            file.line(&format!("DTEND;VALUE=DATE:{end}"));
            file.line(&format!("DTSTART;VALUE=DATE:{start}"));
            file.text("UID", &event.uid);
            if event.kind == Kind::Block {
                file.text("SUMMARY", "Airbnb (Not available)");
            } else {
                let code: String = event.uid.chars().take(8).collect::<String>().to_uppercase();
                let url = format!("https://www.airbnb.com/hosting/reservations/details/HM{code}");
                let about = format!("Reservation URL: {url}\nPhone Number (Last 4 Digits): 4321");
                file.text("DESCRIPTION", &about);
                file.text("SUMMARY", "Reserved");
            }
        }
        Dialect::Booking => {
            file.line(&format!("DTSTART;VALUE=DATE:{start}"));
            file.line(&format!("DTEND;VALUE=DATE:{end}"));
            file.line(&stamp);
            file.text("UID", &event.uid);
            file.text("SUMMARY", "CLOSED - Not available");
        }
        Dialect::Vrbo => {
            file.text("UID", &event.uid);
            file.line(&stamp);
            file.line(&format!("DTSTART;VALUE=DATE:{start}"));
            file.line(&format!("DTEND;VALUE=DATE:{end}"));
            file.text("SUMMARY", &vrbo_summary(calendar.quirks.french, event));
        }
        Dialect::Google => google_event(file, event, &start, &end, &stamp),
        Dialect::Plain => {
            file.text("UID", &event.uid);
            file.line(&stamp);
            file.line(&format!("DTSTART;VALUE=DATE:{start}"));
            file.line(&format!("DTEND;VALUE=DATE:{end}"));
            file.text(
                "SUMMARY",
                if event.kind == Kind::Block {
                    "Not available"
                } else {
                    "Reserved"
                },
            );
        }
    }
    file.line("END:VEVENT");
}

fn vrbo_summary(french: bool, event: &Event) -> String {
    let (reserved, tentative, blocked) = if french {
        ("Réservée", "Provisoire", "Indisponible")
    } else {
        ("Reserved", "Tentative", "Blocked")
    };
    match event.kind {
        Kind::Reservation | Kind::Free => format!("{reserved} - {}", event.guest),
        Kind::Tentative => format!("{tentative} - {}", event.guest),
        Kind::Block => blocked.to_owned(),
    }
}

/// Guests come at 15:00 and leave at 11:00 local; blocks and free days are all-day events.
fn google_event(file: &mut Lines, event: &Event, start: &str, end: &str, stamp: &str) {
    let timed = matches!(event.kind, Kind::Reservation | Kind::Tentative);
    if timed {
        file.line(&format!(
            "DTSTART;TZID=America/Argentina/Buenos_Aires:{start}T150000"
        ));
        file.line(&format!("DTEND;TZID=America/Argentina/Buenos_Aires:{end}T110000"));
    } else {
        file.line(&format!("DTSTART;VALUE=DATE:{start}"));
        file.line(&format!("DTEND;VALUE=DATE:{end}"));
    }
    file.line(stamp);
    file.text("UID", &event.uid);
    file.line("SEQUENCE:0");
    file.line(if event.kind == Kind::Tentative {
        "STATUS:TENTATIVE"
    } else {
        "STATUS:CONFIRMED"
    });
    file.text("SUMMARY", "Busy");
    file.line(if event.kind == Kind::Free {
        "TRANSP:TRANSPARENT"
    } else {
        "TRANSP:OPAQUE"
    });
}
