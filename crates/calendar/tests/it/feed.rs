//! Feeds to read, and how a test says what it expects of them.

use calendar::{Channel, ParseContext, Parsed, Problem, Verdict, Zone, parse};
use time::Date;
use time::macros::date;

/// Today in every test that does not say otherwise.
pub(crate) const TODAY: Date = date!(2026 - 10 - 05);

/// A house at UTC−3 that has not seen a feed's channel yet.
pub(crate) fn house() -> ParseContext<'static> {
    ParseContext {
        own_uid_domain: Some("bookings.example"),
        ..ParseContext::new(Zone::named("America/Argentina/Buenos_Aires").unwrap(), TODAY)
    }
}

/// The same house reading a feed of `channel`.
pub(crate) fn house_reading(channel: Channel) -> ParseContext<'static> {
    ParseContext {
        channel: Some(channel),
        ..house()
    }
}

/// A calendar around `lines`, with CRLF.
pub(crate) fn calendar(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Somebody//Tests//EN\n{}\nEND:VCALENDAR\n",
        lines.trim()
    )
    .replace('\n', "\r\n")
}

/// A calendar of one event that says `lines`.
pub(crate) fn event(lines: &str) -> String {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:one@somebody.example\n{}\nEND:VEVENT",
        lines.trim()
    ))
}

/// The ranges of a feed, each as `start..end` without the year 2026.
pub(crate) fn ranges(parsed: &Parsed) -> String {
    let ranges = parsed
        .events
        .iter()
        .map(|event| event.nights.to_string().replace("2026-", ""));
    ranges.collect::<Vec<_>>().join(" ")
}

/// Checks the ranges that `body` closes in the house.
#[track_caller]
pub(crate) fn check(body: &str, expected: &str) {
    check_in(&house(), body, expected);
}

#[track_caller]
pub(crate) fn check_in(context: &ParseContext<'_>, body: &str, expected: &str) {
    let parsed = parse(body.as_bytes(), context);
    assert!(
        !matches!(parsed.verdict, Verdict::Broken(_)),
        "{:?}: {body}",
        parsed.verdict
    );
    assert_eq!(ranges(&parsed), expected, "{body}");
}

/// Checks the ranges and the problems that `body` is warned of.
#[track_caller]
pub(crate) fn check_warned(body: &str, expected: &str, problems: &[Problem]) {
    check(body, expected);
    let warnings = parse(body.as_bytes(), &house()).warnings;
    let found: Vec<Problem> = warnings.into_iter().map(|warning| warning.problem).collect();
    assert_eq!(found, problems, "{body}");
}
