//! Whole files: which are believed.

use calendar::{Broken, Channel, Limits, ParseContext, Problem, Verdict, parse};

use crate::feed::{calendar, check, check_warned, event, house};

const STAY: &str = "DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261113";

#[track_caller]
fn check_broken(body: &str, expected: Broken) {
    let parsed = parse(body.as_bytes(), &house());
    assert_eq!(parsed.verdict, Verdict::Broken(expected), "{body}");
    assert!(parsed.events.is_empty(), "a broken file gives no events");
}

#[test]
fn an_outage_is_not_an_empty_calendar() {
    check_broken("", Broken::NoBytes);
    check_broken(" \r\n\r\n", Broken::NoBytes);
    check_broken("<!DOCTYPE html><html><body>Log in</body></html>", Broken::Html);
    check_broken("\n <html>", Broken::Html);
    check_broken("{\"error\":\"forbidden\"}", Broken::NoCalendar);
    check_broken("DTSTART:20261110", Broken::NoCalendar);
}

#[test]
fn a_calendar_without_events_is_empty_and_not_broken() {
    let parsed = parse(calendar("X-WR-CALNAME:nothing").as_bytes(), &house());
    assert_eq!((parsed.verdict, parsed.tally.listed), (Verdict::Empty, 0));
}

#[test]
fn a_file_cut_anywhere_is_broken() {
    let whole = event(STAY);
    let end = whole.find("END:VCALENDAR").unwrap() + "END:VCALENDAR".len();
    for cut in 1..whole.len() {
        let verdict = parse(&whole.as_bytes()[..cut], &house()).verdict;
        assert_eq!(
            matches!(verdict, Verdict::Broken(_)),
            cut < end,
            "cut at {cut}: {verdict:?}"
        );
    }
}

#[test]
fn a_cut_says_where_it_is() {
    check_broken(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261110\n",
        Broken::CutInsideEvent,
    );
    check_broken(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261110\nEND:VCALENDAR\n",
        Broken::CutInsideEvent,
    );
    check_broken(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n",
        Broken::CutInsideEvent,
    );
    check_broken(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261110\nEND:VEVENT\n",
        Broken::NoEnd,
    );
    check_broken("BEGIN:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", Broken::NoEnd);
    let second_is_cut = format!("{}BEGIN:VCALENDAR\r\n", event(STAY));
    check_broken(&second_is_cut, Broken::NoEnd);
}

#[test]
fn one_odd_line_does_not_lose_the_feed() {
    check_warned(
        &calendar("nonsense\nBEGIN:VEVENT\nUID:a\nDTSTART:20261110\nDTEND\n\u{1}=;:\nEND:VEVENT"),
        "11-10..11-11",
        &[Problem::NotAProperty],
    );
    check_warned(
        &format!("PHP Notice: something\n{}", event(STAY)),
        "11-10..11-13",
        &[Problem::TextOutside],
    );
    check_warned(
        &event(&format!("{STAY}\nEND:VALARM\nBEGIN:VALARM")),
        "11-10..11-13",
        &[Problem::Unbalanced],
    );
}

#[test]
fn too_much_is_broken_and_not_a_part_of_it_believed() {
    let limits = Limits {
        bytes: 300,
        events: 2,
        ..Limits::default()
    };
    let context = ParseContext { limits, ..house() };
    let one = "BEGIN:VEVENT\nDTSTART:20261110\nEND:VEVENT\n";
    let verdict = |events: usize| parse(calendar(&one.repeat(events)).as_bytes(), &context).verdict;
    assert_eq!(verdict(2), Verdict::Good);
    assert_eq!(verdict(3), Verdict::Broken(Broken::TooManyEvents));
    assert_eq!(verdict(30), Verdict::Broken(Broken::TooLarge));

    let deep = "BEGIN:X-A\n".repeat(40);
    check_broken(&calendar(&deep), Broken::TooDeep);

    let rule = "BEGIN:VEVENT\nDTSTART:20261110\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    check_broken(&calendar(&rule.repeat(1_000)), Broken::TooManyRecurrences);
}

#[test]
fn warnings_are_capped_and_quote_nothing() {
    let bad = "BEGIN:VEVENT\nDTSTART:Ana Pérez\nEND:VEVENT\n";
    let parsed = parse(calendar(&bad.repeat(250)).as_bytes(), &house());
    assert_eq!((parsed.warnings.len(), parsed.warnings_left_out), (100, 150));
    assert_eq!(
        parsed.warnings[1].to_string(),
        "event 2: no readable start: the event was rejected"
    );
}

#[test]
fn our_own_events_come_back_are_ignored() {
    let body = calendar(
        "BEGIN:VEVENT\nUID:bk-1@Bookings.Example\nDTSTART:20261110\nEND:VEVENT
BEGIN:VEVENT\nUID:bk-1@bookings.example.com\nDTSTART:20261120\nEND:VEVENT",
    );
    check(&body, "11-20..11-21");
    assert_eq!(parse(body.as_bytes(), &house()).tally.own, 1);
}

#[test]
fn the_registered_channel_wins_over_prodid() {
    let body = event(STAY).replace(
        "-//Somebody//Tests//EN",
        "-//Airbnb Inc//Hosting Calendar 1.0//EN",
    );
    assert_eq!(parse(body.as_bytes(), &house()).channel, Channel::Airbnb);
    let context = ParseContext {
        channel: Some(Channel::Vrbo),
        ..house()
    };
    let parsed = parse(body.as_bytes(), &context);
    assert_eq!(
        (parsed.channel, parsed.channel_by_prodid),
        (Channel::Vrbo, Some(Channel::Airbnb))
    );
}

#[test]
fn a_long_uid_is_kept_as_its_digest() {
    let body = calendar(&format!(
        "BEGIN:VEVENT\nUID:{}\nDTSTART:20261110\nEND:VEVENT",
        "x".repeat(4_000)
    ));
    let uid = parse(body.as_bytes(), &house()).events[0].uid.clone();
    assert!(uid.starts_with("long-") && uid.len() < 64, "{uid}");
}
