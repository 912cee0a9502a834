//! The file we publish.

use calendar::{Export, ExportSummary, ExportedEvent, Nights, etag, export_uid, write};
use time::macros::{date, datetime};
use time::{Date, Duration};

fn event(id: &str, start: Date, end: Date) -> ExportedEvent {
    ExportedEvent {
        uid: export_uid(id, "bookings.example"),
        nights: Nights::new(start, end).unwrap(),
        summary: ExportSummary::Reserved,
        sequence: 0,
        changed_at: datetime!(2026-10-01 12:00:00.5 UTC),
    }
}

fn calendar(name: &str, events: Vec<ExportedEvent>) -> Export<'_> {
    Export {
        name,
        refresh: Duration::HOUR,
        today: date!(2026 - 10 - 05),
        events,
    }
}

#[test]
fn the_file_is_the_one_of_the_contract() {
    let id = "4f2c9a6e-5d0b-4b7e-8a51-0c6f7d1e2b93";
    let bytes = write(&calendar(
        "Cabaña 1",
        vec![event(id, date!(2026 - 11 - 10), date!(2026 - 11 - 13))],
    ));
    let expected = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//alojamientos//calendar export//EN
CALSCALE:GREGORIAN
NAME:Cabaña 1
X-WR-CALNAME:Cabaña 1
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VEVENT
UID:bk-4f2c9a6e-5d0b-4b7e-8a51-0c6f7d1e2b93@bookings.example
DTSTAMP:20261001T120000Z
LAST-MODIFIED:20261001T120000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20261110
DTEND;VALUE=DATE:20261113
SUMMARY:Reserved
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
";
    assert_eq!(String::from_utf8(bytes).unwrap(), expected.replace('\n', "\r\n"));
}

#[test]
fn the_order_of_the_events_does_not_change_a_byte() {
    let (a, b) = (
        event("a", date!(2026 - 11 - 10), date!(2026 - 11 - 13)),
        event("b", date!(2026 - 11 - 10), date!(2026 - 11 - 12)),
    );
    let forth = write(&calendar("x", vec![a.clone(), b.clone()]));
    let back = write(&calendar("x", vec![b, a]));
    assert_eq!(forth, back);
    assert_eq!(etag(&forth), etag(&back));
}

#[test]
fn a_change_of_one_night_changes_the_strong_etag() {
    let one = write(&calendar(
        "x",
        vec![event("a", date!(2026 - 11 - 10), date!(2026 - 11 - 13))],
    ));
    let other = write(&calendar(
        "x",
        vec![event("a", date!(2026 - 11 - 10), date!(2026 - 11 - 14))],
    ));
    assert_ne!(etag(&one), etag(&other));
    assert_eq!(etag(&one).len(), 34);
    assert!(etag(&one).starts_with('"') && etag(&one).ends_with('"'));
}

#[test]
fn a_stay_that_ended_before_today_is_left_out_and_one_in_progress_is_not() {
    let bytes = write(&calendar(
        "x",
        vec![
            event("over", date!(2026 - 10 - 01), date!(2026 - 10 - 04)),
            event("leaving", date!(2026 - 10 - 01), date!(2026 - 10 - 05)),
            event("staying", date!(2026 - 10 - 01), date!(2026 - 10 - 06)),
        ],
    ));
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("bk-over@"));
    assert!(text.contains("bk-leaving@") && text.contains("bk-staying@"));
}

#[test]
fn no_line_is_longer_than_75_octets_and_no_character_is_split() {
    for name in [
        "ñ".repeat(200),
        "a".repeat(300),
        format!("a{}", "🏔".repeat(80)),
        "語;,\\".repeat(40),
    ] {
        let bytes = write(&calendar(&name, vec![]));
        for line in bytes.split(|byte| *byte == b'\n') {
            assert!(line.len() <= 76, "75 octets and CR");
            assert!(std::str::from_utf8(line).is_ok(), "a fold splits a character");
            assert!(line.is_empty() || line.ends_with(b"\r"));
        }
    }
}

#[test]
fn text_is_escaped() {
    let bytes = write(&calendar("a\\b;c,d\r\ne\"f:g\u{7}", vec![]));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\r\nNAME:a\\\\b\\;c\\,d\\ne\"f:g\r\n"), "{text}");
}

#[test]
fn a_refresh_that_is_no_whole_hour_is_told_in_minutes() {
    let mut export = calendar("x", vec![]);
    export.refresh = Duration::minutes(90);
    assert!(
        String::from_utf8(write(&export))
            .unwrap()
            .contains("X-PUBLISHED-TTL:PT90M\r\n")
    );
}
