//! Recurring events.

use calendar::{Broken, Channel, Problem, RuleError, Verdict, expand, parse};
use time::macros::datetime;

use crate::feed::{calendar, check, check_in, check_warned, event, house, house_reading, ranges};

#[test]
fn an_endless_rule_is_expanded_to_the_horizon() {
    let parsed = parse(
        event("DTSTART:20200106\nDURATION:P2D\nRRULE:FREQ=WEEKLY").as_bytes(),
        &house(),
    );
    assert_eq!(parsed.verdict, Verdict::Good);
    assert_eq!(parsed.events.len(), 105);
    assert!(parsed.warnings.is_empty());
}

#[test]
fn count_until_exdate_and_rdate_are_obeyed() {
    let rule = |lines: &str| event(&format!("DTSTART:20261110\n{lines}"));
    check(
        &rule("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"),
        "11-10..11-11 11-12..11-13 11-14..11-15",
    );
    check(
        &rule("RRULE:FREQ=WEEKLY;UNTIL=20261124"),
        "11-10..11-11 11-17..11-18 11-24..11-25",
    );
    check(
        &rule("RRULE:FREQ=WEEKLY;UNTIL=20261124T000000Z"),
        "11-10..11-11 11-17..11-18 11-24..11-25",
    );
    check(
        &rule("RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20261117"),
        "11-10..11-11 11-24..11-25",
    );
    check(
        &rule("RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20261110,20261124"),
        "11-17..11-18",
    );
    check(
        &rule("RDATE;VALUE=DATE:20261201,20261210"),
        "11-10..11-11 12-01..12-02 12-10..12-11",
    );
}

#[test]
fn a_period_has_its_own_length() {
    let body = event(
        "DTSTART:20261110T150000\nDURATION:PT20H
RDATE;VALUE=PERIOD:20261201T180000Z/P2DT1H,20261210T180000Z/20261213T180000Z",
    );
    check(&body, "11-10..11-11 12-01..12-03 12-10..12-13");
}

#[test]
fn an_instance_can_be_moved_cancelled_or_excluded_on_any_clock() {
    let series = "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=America/New_York:20261110T200000\nDURATION:PT12H
RRULE:FREQ=DAILY;COUNT=5\nEXDATE:20261114T010000Z\nEND:VEVENT";
    let moved =
        "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID:20261112T010000Z\nDTSTART:20261120\nDTEND:20261122\nEND:VEVENT";
    let cancelled = "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID;TZID=America/New_York:20261112T200000
DTSTART;TZID=America/New_York:20261112T200000\nSTATUS:CANCELLED\nEND:VEVENT";
    check(
        &calendar(series),
        "11-10..11-11 11-11..11-12 11-12..11-13 11-14..11-15",
    );
    let body = calendar(&format!("{series}\n{moved}\n{cancelled}"));
    check(&body, "11-10..11-11 11-14..11-15 11-20..11-22");
    let parsed = parse(body.as_bytes(), &house());
    let days: Vec<String> = parsed
        .events
        .iter()
        .map(|event| event.instance.unwrap().to_string())
        .collect();
    assert_eq!(
        days,
        ["2026-11-10", "2026-11-14", "2026-11-12"],
        "an instance keeps its day when it is moved"
    );
}

#[test]
fn the_latest_version_of_an_instance_counts() {
    let series = "BEGIN:VEVENT\nUID:s\nDTSTART:20261110\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT";
    let version = |sequence: u8, start: &str| {
        format!(
            "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID:20261117\nSEQUENCE:{sequence}\nDTSTART:{start}\nEND:VEVENT"
        )
    };
    let body = calendar(&format!(
        "{}\n{series}\n{}",
        version(2, "20261220"),
        version(1, "20261210")
    ));
    check(&body, "11-10..11-11 12-20..12-21");
}

#[test]
fn an_instance_without_its_series_is_an_event() {
    check(&event("RECURRENCE-ID:20261110\nDTSTART:20261111"), "11-11..11-12");
    check_warned(
        &event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261110\nDTSTART:20261111"),
        "11-11..11-12",
        &[Problem::ThisAndFuture],
    );
}

#[test]
fn a_transparent_instance_of_a_personal_series_is_free() {
    let body = calendar(
        "BEGIN:VEVENT\nUID:s\nDTSTART:20261110\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT
BEGIN:VEVENT\nUID:s\nRECURRENCE-ID:20261111\nDTSTART:20261111\nTRANSP:TRANSPARENT\nEND:VEVENT",
    );
    check_in(
        &house_reading(Channel::Google),
        &body,
        "11-10..11-11 11-12..11-13",
    );
}

#[test]
fn a_rule_that_cannot_be_read_leaves_the_first_time() {
    for rule in [
        "FREQ=SOMETIMES",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;BYMONTH=13",
        "x",
    ] {
        let body = event(&format!("DTSTART:20261110\nRRULE:{rule}"));
        check_warned(&body, "11-10..11-11", &[Problem::UnreadableRule]);
    }
}

#[test]
fn a_rule_that_never_rests_leaves_the_first_time() {
    let seconds = (0..60)
        .map(|second| second.to_string())
        .collect::<Vec<_>>()
        .join(",");
    for rule in [
        "FREQ=SECONDLY".to_owned(),
        "FREQ=MINUTELY".to_owned(),
        format!("FREQ=YEARLY;BYSECOND={seconds}"),
    ] {
        let body = event(&format!("DTSTART:20261110T220000\nDURATION:PT4H\nRRULE:{rule}"));
        check_warned(&body, "11-10..11-11", &[Problem::TooManyRecurrences]);
    }
}

#[test]
fn rules_that_never_come_true_cost_little_and_too_many_of_them_break_the_file() {
    check(
        &event("DTSTART:20261110\nRRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"),
        "11-10..11-11",
    );
    let cheap = "BEGIN:VEVENT\nDTSTART:20261110\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n";
    assert_eq!(
        parse(calendar(&cheap.repeat(500)).as_bytes(), &house()).verdict,
        Verdict::Good
    );
    let dear = "BEGIN:VEVENT\nDTSTART:20261110\nRRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=31\nEND:VEVENT\n";
    let verdict = parse(calendar(&dear.repeat(20)).as_bytes(), &house()).verdict;
    assert_eq!(verdict, Verdict::Broken(Broken::TooManyRecurrences));
}

#[test]
fn a_summer_time_change_does_not_move_a_night() {
    let rome = "DTSTART;TZID=Europe/Rome:20270320T230000\nDURATION:PT12H\nRRULE:FREQ=WEEKLY;COUNT=3";
    // 23:00 in Rome is 19:00 in the house, then 18:00.
    check(
        &event(rome),
        "2027-03-20..2027-03-21 2027-03-27..2027-03-28 2027-04-03..2027-04-04",
    );
}

#[test]
fn a_stay_in_progress_of_a_series_is_found() {
    check(
        &event("DTSTART:20260101\nDURATION:P10D\nRRULE:FREQ=MONTHLY;COUNT=10"),
        "10-01..10-11",
    );
}

#[test]
fn expand_gives_the_starts_inside_its_window() {
    let window = (datetime!(2026-11-01 0:00), datetime!(2026-12-01 0:00));
    let start = datetime!(2020-01-31 12:00);
    let expansion = expand("FREQ=MONTHLY;BYMONTHDAY=-1", start, window, 100).unwrap();
    assert_eq!(
        (expansion.starts, expansion.capped),
        (vec![datetime!(2026-11-30 12:00)], false)
    );
    let capped = expand("FREQ=DAILY", datetime!(2026-11-01 12:00), window, 3).unwrap();
    assert!(capped.capped);
    assert_eq!(capped.starts.len(), 3);
    assert_eq!(expand("FREQ=MINUTELY", start, window, 3), Err(RuleError::TooBusy));
}

#[test]
fn numbers_at_the_edge_of_their_types_do_no_harm() {
    for rule in [
        "FREQ=DAILY;INTERVAL=65535",
        "FREQ=YEARLY;INTERVAL=99999999999",
        "FREQ=DAILY;COUNT=99999999999999",
        "FREQ=HOURLY;INTERVAL=65535;BYHOUR=3",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYYEARDAY=-366;BYSETPOS=366",
        "FREQ=WEEKLY;BYDAY=53MO,-53SU;WKST=SU",
        "FREQ=YEARLY;UNTIL=99991231T235959Z",
    ] {
        for start in ["16000101", "20261110T233000", "99991231", "20280229T000000Z"] {
            let body = event(&format!("DTSTART:{start}\nRRULE:{rule}"));
            let parsed = parse(body.as_bytes(), &house());
            assert!(
                !matches!(parsed.verdict, Verdict::Broken(_)),
                "{rule} {start}: {}",
                ranges(&parsed)
            );
        }
    }
}
