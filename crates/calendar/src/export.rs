//! The calendar of one lodging, written for one channel: the same data gives the same bytes.

mod content_line;

use std::fmt::Display;

use ring::digest::{SHA256, digest};
use time::{Date, Duration, OffsetDateTime};

use self::content_line::ContentLines;
use crate::Nights;

/// Our name in `PRODID`; [`Channel::from_prodid`](crate::Channel::from_prodid) knows it again.
pub(crate) const PRODID: &str = "-//alojamientos//calendar export//EN";

/// What one channel may read of one lodging.
///
/// Leaving out what came from that channel, and rolling windows, is up to the caller, who knows where each came
/// from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export<'a> {
    /// The lodging's name, shown by calendar programs.
    pub name: &'a str,
    /// How often a reader is asked to come back; whole minutes, at least one.
    pub refresh: Duration,
    /// Events that ended before this day of the house are left out.
    pub today: Date,
    /// The closed nights, in any order.
    pub events: Vec<ExportedEvent>,
}

/// One reason for closed nights, told without anybody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedEvent {
    /// Made by [`export_uid`], and never changed in the life of the booking.
    pub uid: String,
    /// The closed nights.
    pub nights: Nights,
    /// Which of the two fixed texts a reader sees.
    pub summary: ExportSummary,
    /// How often the event has changed in a way that matters to a reader; the first version is 0.
    pub sequence: u32,
    /// When it last changed; written in whole seconds.
    pub changed_at: OffsetDateTime,
}

/// The text of an exported event: fixed, so that it can carry nothing personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportSummary {
    /// Somebody stays: `Reserved`.
    Reserved,
    /// Closed for another reason: `Not available`.
    NotAvailable,
}

impl ExportSummary {
    fn text(self) -> &'static str {
        match self {
            Self::Reserved => "Reserved",
            Self::NotAvailable => "Not available",
        }
    }
}

/// The UID under which we publish a booking, a closure or a stay from elsewhere: `bk-<id>@<domain>`.
///
/// `id` is the UUID of what closes the nights; `domain` is the setting by which we know our own events again.
#[must_use]
pub fn export_uid(id: impl Display, domain: &str) -> String {
    format!("bk-{id}@{domain}")
}

/// Writes the file: UTF-8, CRLF, lines of at most 75 octets, events sorted by nights and UID.
#[must_use]
pub fn write(export: &Export<'_>) -> Vec<u8> {
    let mut events: Vec<&ExportedEvent> = export
        .events
        .iter()
        .filter(|event| export.today <= event.nights.end())
        .collect();
    events.sort_by(|a, b| (a.nights, &a.uid).cmp(&(b.nights, &b.uid)));

    let refresh = refresh(export.refresh);
    let mut lines = ContentLines::with_room_for(events.len());
    lines.raw("BEGIN", "VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.raw("PRODID", PRODID);
    lines.raw("CALSCALE", "GREGORIAN");
    lines.text("NAME", export.name);
    lines.text("X-WR-CALNAME", export.name);
    lines.raw("REFRESH-INTERVAL;VALUE=DURATION", &refresh);
    lines.raw("X-PUBLISHED-TTL", &refresh);
    for event in events {
        write_event(&mut lines, event);
    }
    lines.raw("END", "VCALENDAR");
    lines.into_bytes()
}

/// The strong entity tag of a body, quotes included: 128 bits of its SHA-256.
#[must_use]
pub fn etag(body: &[u8]) -> String {
    format!("\"{}\"", fingerprint(body))
}

/// 128 bits of the SHA-256 of `bytes`, as 32 hexadecimal digits.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    hex::encode(digest.as_ref().iter().take(16).copied().collect::<Vec<u8>>())
}

fn write_event(lines: &mut ContentLines, event: &ExportedEvent) {
    let changed_at = content_line::utc(event.changed_at);
    lines.raw("BEGIN", "VEVENT");
    lines.text("UID", &event.uid);
    lines.raw("DTSTAMP", &changed_at);
    lines.raw("LAST-MODIFIED", &changed_at);
    lines.raw("SEQUENCE", &event.sequence.to_string());
    lines.raw("DTSTART;VALUE=DATE", &content_line::date(event.nights.start()));
    lines.raw("DTEND;VALUE=DATE", &content_line::date(event.nights.end()));
    lines.raw("SUMMARY", event.summary.text());
    lines.raw("STATUS", "CONFIRMED");
    lines.raw("TRANSP", "OPAQUE");
    lines.raw("END", "VEVENT");
}

fn refresh(every: Duration) -> String {
    let minutes = every.whole_minutes().max(1);
    if minutes % 60 == 0 {
        format!("PT{}H", minutes / 60)
    } else {
        format!("PT{minutes}M")
    }
}
