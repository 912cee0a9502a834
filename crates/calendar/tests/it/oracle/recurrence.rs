//! Generated recurrences, expanded by us and by recurring-ical-events.

use calendar::{Verdict, parse};
use serde_json::json;
use time::{Date, Duration};

use super::{ask, iso, told};
use crate::feed::{TODAY, event, house_reading};
use crate::random::Random;

const CASES: u64 = 400;

#[test]
fn recurring_ical_events_of_pypi_expands_generated_rules_as_we_do() {
    let bodies: Vec<String> = (0..CASES)
        .map(|seed| event(&series(&mut Random::new(seed))))
        .collect();
    let horizon = TODAY + Duration::days(730);
    let question = json!({
        "zone": "America/Argentina/Buenos_Aires", "from": iso(TODAY), "to": iso(horizon), "bodies": bodies,
    });
    let answers = ask("recurrences.py", &question);
    let mut compared = 0;
    for (body, answer) in bodies.iter().zip(answers) {
        let parsed = parse(body.as_bytes(), &house_reading(calendar::Channel::Google));
        assert!(!matches!(parsed.verdict, Verdict::Broken(_)), "{body}");
        let Some(answer) = answer else { continue };
        assert_eq!(
            told(parsed.events.iter().map(|event| event.nights)),
            answer,
            "{body}"
        );
        compared += 1;
    }
    assert!(
        CASES * 9 / 10 < compared,
        "only {compared} of {CASES} were answered"
    );
}

/// Start, length and rule of a series, with exceptions and additions.
fn series(random: &mut Random) -> String {
    let first = TODAY + Duration::days(random.between(-900, 500));
    let day = iso(first).replace('-', "");
    let hour = random.between(0, 23);
    let (start, suffix) = match random.below(4) {
        0 => (format!("DTSTART;VALUE=DATE:{day}"), String::new()),
        1 => (
            format!("DTSTART:{day}T{hour:02}3000Z"),
            format!("T{hour:02}3000Z"),
        ),
        2 => (
            format!("DTSTART;TZID=Europe/Madrid:{day}T{hour:02}3000"),
            format!("T{hour:02}3000"),
        ),
        _ => (format!("DTSTART:{day}T{hour:02}3000"), format!("T{hour:02}3000")),
    };
    let (is_date, is_utc) = (suffix.is_empty(), suffix.ends_with('Z'));
    // UNTIL has the type of the start: in UTC for a zoned one, floating for a floating one.
    let until_time = match (is_date, is_utc || start.contains("TZID")) {
        (true, _) => "",
        (false, true) => "T120000Z",
        (false, false) => "T120000",
    };
    let length = if is_date || random.chance(50) {
        format!("DURATION:P{}D", random.between(1, 9))
    } else {
        format!("DURATION:PT{}H", random.between(1, 60))
    };
    let mut lines = vec![
        start,
        length,
        format!("RRULE:{}", rule(random, first, until_time)),
    ];
    let shift = random.between(1, 60);
    if random.chance(30) {
        let day = iso(TODAY + Duration::days(shift)).replace('-', "");
        let zone = zone(&lines[0], is_date, is_utc);
        lines.push(format!("EXDATE{zone}:{day}{suffix}"));
    }
    if random.chance(20) {
        let day = iso(TODAY + Duration::days(shift + 7)).replace('-', "");
        let zone = zone(&lines[0], is_date, is_utc);
        lines.push(format!("RDATE{zone}:{day}{suffix}"));
    }
    lines.join("\n")
}

/// The parameters that EXDATE and RDATE share with DTSTART.
fn zone(start: &str, is_date: bool, is_utc: bool) -> &'static str {
    if is_date {
        ";VALUE=DATE"
    } else if !is_utc && start.contains("TZID") {
        ";TZID=Europe/Madrid"
    } else {
        ""
    }
}

fn rule(random: &mut Random, first: Date, until_time: &str) -> String {
    let frequency = random.pick(&["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]);
    let mut parts = vec![format!("FREQ={frequency}")];
    if random.chance(40) {
        parts.push(format!("INTERVAL={}", random.between(1, 5)));
    }
    match random.below(3) {
        0 => parts.push(format!("COUNT={}", random.between(1, 40))),
        1 => {
            // An end before the start is a contradiction: we keep the start, the oracle nothing.
            let day = iso(first + Duration::days(random.between(1, 900))).replace('-', "");
            parts.push(format!("UNTIL={day}{until_time}"));
        }
        _ => {}
    }
    if random.chance(25) {
        parts.push(format!("WKST={}", random.pick(&["MO", "SU", "TH"])));
    }
    let by_day = random.chance(45);
    if by_day {
        let has_ordinal = matches!(*frequency, "MONTHLY" | "YEARLY") && random.chance(60);
        parts.push(format!("BYDAY={}", weekdays(random, has_ordinal)));
    }
    if *frequency != "WEEKLY" && random.chance(if by_day { 15 } else { 35 }) {
        parts.push(format!(
            "BYMONTHDAY={}",
            random.pick(&["1", "15", "31", "-1", "5,20", "29,30", "-3,10"])
        ));
    }
    if random.chance(25) {
        parts.push(format!("BYMONTH={}", random.pick(&["1", "2", "6,7", "3,11,12"])));
    }
    if *frequency == "MONTHLY" && by_day && random.chance(30) {
        parts.push(format!("BYSETPOS={}", random.pick(&["1", "-1", "2", "1,-1"])));
    }
    parts.join(";")
}

fn weekdays(random: &mut Random, has_ordinal: bool) -> String {
    let mut days = Vec::new();
    for day in ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] {
        if random.chance(30) || day == "SU" && days.is_empty() {
            let ordinal = if has_ordinal {
                *random.pick(&["1", "2", "-1", "4"])
            } else {
                ""
            };
            days.push(format!("{ordinal}{day}"));
        }
    }
    days.join(",")
}
