//! The table "what is in the file, what we do", row by row.

use calendar::{Channel, Kind, Problem, Verdict, parse};
use time::macros::date;

use crate::feed::{calendar, check, check_in, check_warned, event, house, house_reading, ranges};

const STAY: &str = "DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261113";

#[test]
fn any_line_end_byte_order_mark_case_order_and_quoting_is_accepted() {
    let plain = event(STAY);
    check(&plain, "11-10..11-13");
    check(&plain.replace("\r\n", "\n"), "11-10..11-13");
    check(&plain.replace("\r\n", "\r"), "11-10..11-13");
    check(&plain.replace("\r\n", "\r\r\n"), "11-10..11-13");
    check(&format!("\u{feff}{plain}"), "11-10..11-13");
    check(&plain.to_lowercase(), "11-10..11-13");
    check(
        &event("DTEND;VALUE=DATE:20261113\nDTSTART;VALUE=DATE:20261110"),
        "11-10..11-13",
    );
    check(
        &event("DTSTART;X=\"a:b;c\";VALUE=\"DATE\":20261110\nDTEND;VALUE=DATE;Y=1:20261113"),
        "11-10..11-13",
    );
    check(
        &plain.replace("PRODID:", "PRODID;X-RICAL-TZSOURCE=\"TZ:INFO\":"),
        "11-10..11-13",
    );
}

#[test]
fn a_fold_may_stand_anywhere_also_inside_a_name_or_a_character() {
    check(
        &event("DTST\n ART;VAL\n\tUE=DATE:2026\n 1110\nDTEND;VALUE=DATE:20261113"),
        "11-10..11-13",
    );

    let mut body = event(&format!("{STAY}\nSUMMARY:caba\u{f1}a")).into_bytes();
    let at = body.windows(2).position(|pair| pair == "ñ".as_bytes()).unwrap();
    body.splice(at + 1..=at, *b"\r\n ");
    let parsed = parse(&body, &house());
    assert_eq!(
        (ranges(&parsed).as_str(), parsed.warnings),
        ("11-10..11-13", vec![])
    );
}

#[test]
fn unknown_properties_parameters_and_components_are_ignored() {
    let body = calendar(
        "X-SOMETHING;X-A=1:2
BEGIN:X-COMPONENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261201
END:VEVENT
END:X-COMPONENT
BEGIN:VTODO
DTSTART;VALUE=DATE:20261202
END:VTODO
BEGIN:VEVENT
UID:a
DTSTART;X-PARAM=x;VALUE=DATE:20261110
X-LATER:yes
BEGIN:VALARM
TRIGGER:-PT15M
DTSTART;VALUE=DATE:20261203
END:VALARM
DTEND;VALUE=DATE:20261113
END:VEVENT",
    );
    check_warned(&body, "11-10..11-13", &[]);
}

#[test]
fn all_calendars_of_one_file_are_read() {
    let second = event("DTSTART;VALUE=DATE:20261120\nDTEND;VALUE=DATE:20261122");
    check(
        &format!("{}\u{feff}{second}", event(STAY)),
        "11-10..11-13 11-20..11-22",
    );
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_dates_stay_readable() {
    for junk in [&b"\0"[..], b"\xff", b"\xc3"] {
        let mut body = event(&format!("{STAY}\nSUMMARY:Re?served")).into_bytes();
        for mark in [&b"1113"[..], b"Re?"] {
            let at = body.windows(mark.len()).position(|part| part == mark).unwrap() + mark.len();
            body.splice(at..at, junk.iter().copied());
        }
        let parsed = parse(&body, &house());
        assert_eq!(ranges(&parsed), "11-10..11-13");
        assert_eq!(parsed.warnings.len(), 1);
        assert_eq!(parsed.warnings[0].problem, Problem::NotText);
    }
}

#[test]
fn dtstamp_and_prodid_may_be_missing() {
    check(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261110\r\nEND:VEVENT\r\nEND:VCALENDAR",
        "11-10..11-11",
    );
}

#[test]
fn without_a_uid_the_key_is_made_of_dates_and_text() {
    let key = |start: &str, summary: &str| {
        let body = calendar(&format!(
            "BEGIN:VEVENT\nDTSTART:{start}\nSUMMARY:{summary}\nEND:VEVENT"
        ));
        parse(body.as_bytes(), &house()).events[0].uid.to_string()
    };
    assert_eq!(key("20261110", "Ana"), key("20261110", "Ana"));
    assert_ne!(key("20261110", "Ana"), key("20261110", "Eva"));
    assert_ne!(key("20261110", "Ana"), key("20261111", "Ana"));
    assert!(!key("20261110", "Ana").contains("Ana"), "a name is no key");
}

#[test]
fn the_same_uid_twice_keeps_both_ranges() {
    let twice = "BEGIN:VEVENT\nUID:a\nDTSTART:20261110\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nDTSTART:20261120\nEND:VEVENT";
    check(&calendar(twice), "11-10..11-11 11-20..11-21");
}

#[test]
fn overlapping_events_close_their_union() {
    let body = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART:20261110\nDTEND:20261113\nEND:VEVENT
BEGIN:VEVENT\nUID:b\nDTSTART:20261112\nDTEND:20261115\nEND:VEVENT",
    );
    let nights = parse(body.as_bytes(), &house()).nights();
    assert_eq!(nights.count(), 5);
    assert_eq!(format!("{nights:?}"), "{2026-11-10..2026-11-15}");
}

#[test]
fn a_date_without_value_is_a_date() {
    check(&event("DTSTART:20261110\nDTEND:20261113"), "11-10..11-13");
}

#[test]
fn a_date_without_an_end_is_one_night() {
    check_warned(&event("DTSTART;VALUE=DATE:20261110"), "11-10..11-11", &[]);
}

#[test]
fn an_end_that_is_the_start_closes_one_night_with_a_warning() {
    check_warned(
        &event("DTSTART:20261110\nDTEND:20261110"),
        "11-10..11-11",
        &[Problem::EndIsStart],
    );
    check_warned(
        &event("DTSTART:20261110\nDURATION:P0D"),
        "11-10..11-11",
        &[Problem::EndIsStart],
    );
}

#[test]
fn an_end_before_the_start_rejects_the_event_and_keeps_the_feed() {
    let body = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART:20261110\nDTEND:20261109\nEND:VEVENT
BEGIN:VEVENT\nUID:b\nDTSTART:20261120\nDTEND:20261122\nEND:VEVENT
BEGIN:VEVENT\nUID:c\nDTSTART:20261120\nDURATION:-P1D\nEND:VEVENT",
    );
    check_warned(
        &body,
        "11-20..11-22",
        &[Problem::EndBeforeStart, Problem::EndBeforeStart],
    );
    assert_eq!(parse(body.as_bytes(), &house()).tally.rejected, 2);
}

#[test]
fn a_time_without_an_end_is_no_night() {
    check_warned(&event("DTSTART:20261110T230000Z"), "", &[]);
}

#[test]
fn a_duration_stands_for_the_end() {
    check(&event("DTSTART:20261110\nDURATION:P3D"), "11-10..11-13");
    check(&event("DTSTART:20261110\nDURATION:P1W"), "11-10..11-17");
    check(&event("DTSTART:20261110\nDURATION:PT36H"), "11-10..11-12");
    check(
        &event("DTSTART:20261110T150000\nDURATION:P2DT20H"),
        "11-10..11-13",
    );
    check(
        &event("DTSTART:20261110T150000\nDURATION:+PT24H0M0S"),
        "11-10..11-11",
    );
    check_warned(
        &event("DTSTART:20261110\nDURATION:P3D\nDTEND:20261112"),
        "11-10..11-12",
        &[Problem::EndAndDuration],
    );
}

#[test]
fn an_unreadable_end_closes_one_night_with_a_warning() {
    check_warned(
        &event("DTSTART:20261110\nDTEND:soon"),
        "11-10..11-11",
        &[Problem::UnreadableEnd],
    );
    check_warned(
        &event("DTSTART:20261110T220000\nDURATION:P"),
        "11-10..11-11",
        &[Problem::UnreadableEnd],
    );
}

#[test]
fn an_absurd_duration_rejects_the_event_at_once() {
    for absurd in [
        "P99999999999999999999D",
        "P4000D",
        "PT9223372036854775807S",
        "P9223372036854775807W",
    ] {
        for start in ["20261110", "20261110T120000Z", "99991231"] {
            let body = event(&format!("DTSTART:{start}\nDURATION:{absurd}"));
            check_warned(&body, "", &[Problem::TooLong]);
        }
    }
    check_warned(
        &event("DTSTART:20261110\nDTEND:20370101"),
        "",
        &[Problem::TooLong],
    );
}

#[test]
fn a_long_but_sane_closure_is_clipped_to_the_horizon() {
    let parsed = parse(event("DTSTART:20261110\nDTEND:20350101").as_bytes(), &house());
    assert_eq!(parsed.events[0].nights.end(), date!(2028 - 10 - 04));
    assert!(parsed.events[0].is_clipped);
    let parsed = parse(event("DTSTART:20281004\nDTEND:20281006").as_bytes(), &house());
    assert_eq!((parsed.verdict, parsed.tally.beyond), (Verdict::Empty, 1));
}

#[test]
fn a_cancelled_event_closes_nothing_and_a_tentative_one_closes() {
    check(&event(&format!("{STAY}\nSTATUS:CANCELLED")), "");
    check(&event(&format!("{STAY}\nSTATUS:TENTATIVE")), "11-10..11-13");
    let tentative = event(&format!("{STAY}\nstatus:tentative"));
    assert!(parse(tentative.as_bytes(), &house()).events[0].is_tentative);
}

#[test]
fn transparent_means_free_only_in_a_personal_calendar() {
    let body = event(&format!("{STAY}\nTRANSP:TRANSPARENT"));
    for ota in [Channel::Airbnb, Channel::Booking, Channel::Vrbo, Channel::Other] {
        check_in(&house_reading(ota), &body, "11-10..11-13");
    }
    for personal in [Channel::Google, Channel::Outlook, Channel::Apple] {
        check_in(&house_reading(personal), &body, "");
    }
    check(
        &body.replace(
            "-//Somebody//Tests//EN",
            "-//Google Inc//Google Calendar 70.9054//EN",
        ),
        "",
    );
}

#[test]
fn words_never_decide_whether_nights_close() {
    let words = [
        "CLOSED - Not available",
        "Available",
        "Free",
        "Cancelled",
        "Reserved",
        "",
        "Libre",
        "Busy",
    ];
    for channel in [
        Channel::Airbnb,
        Channel::Booking,
        Channel::Vrbo,
        Channel::Google,
        Channel::Other,
    ] {
        for word in words {
            check_in(
                &house_reading(channel),
                &event(&format!("{STAY}\nSUMMARY:{word}")),
                "11-10..11-13",
            );
        }
    }
}

#[test]
fn an_unknown_channel_is_read_like_an_ota() {
    let parsed = parse(event(STAY).as_bytes(), &house());
    assert_eq!((parsed.channel, parsed.channel_by_prodid), (Channel::Other, None));
    assert_eq!(parsed.events[0].kind, Kind::Stay);
}

#[test]
fn what_ended_before_today_is_only_counted() {
    let parsed = parse(event("DTSTART:20261001\nDTEND:20261005").as_bytes(), &house());
    assert_eq!((parsed.verdict, parsed.tally.past), (Verdict::Empty, 1));
    check(&event("DTSTART:20261001\nDTEND:20261006"), "10-01..10-06");
}

#[test]
fn an_event_without_a_start_is_rejected_with_a_warning() {
    for lines in [
        "DTEND:20261110",
        "DTSTART:tomorrow",
        "DTSTART:20261301",
        "DTSTART:00010101",
    ] {
        check_warned(&event(lines), "", &[Problem::NoStart]);
    }
}
