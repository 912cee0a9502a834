//! The fuzz targets' corpus with a fixed number of mutations: what libFuzzer does at length, on a stable compiler.

use std::time::{Duration, Instant};

use calendar::{Channel, ParseContext, RuleError, Verdict, expand, parse};
use time::macros::datetime;

use crate::corpus;
use crate::feed::house;
use crate::random::Random;

/// Mutations of each seed.
const ROUNDS: u64 = 250;
/// Far more than any one input may take, unoptimised and on a busy machine; without caps it would be hours.
const PATIENCE: Duration = Duration::from_secs(20);
/// What makes a mutation interesting.
const WORDS: [&str; 24] = [
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\r\n",
    "BEGIN:VTIMEZONE\r\n",
    "RRULE:FREQ=",
    "FREQ=HOURLY;",
    "FREQ=YEARLY;",
    "BYSETPOS=-366;",
    "BYDAY=53MO,-5SU;",
    "BYMONTHDAY=31;",
    "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;",
    "INTERVAL=65535;",
    "COUNT=4294967295;",
    "UNTIL=99991231T235959Z",
    "DURATION:P9999999999999999999D\r\n",
    "DTSTART:00000000T000000Z\r\n",
    "DTEND:99991231\r\n",
    "TZID=Atlantis",
    "RDATE:20261110,",
    "EXDATE:20261110,",
    "\r\n ",
    "\u{feff}",
    "\0",
];

#[test]
fn every_seed_and_its_mutations_are_read_in_bounded_time() {
    for (name, seed) in corpus::seeds("parse") {
        read(&name, &seed);
        for round in 0..ROUNDS {
            let mut random = Random::new(round);
            read(&format!("{name}, round {round}"), &mutated(&seed, &mut random));
        }
    }
}

#[test]
fn every_rule_and_its_mutations_are_expanded_in_bounded_time() {
    for (name, seed) in corpus::seeds("expand") {
        for round in 0..ROUNDS {
            let mut random = Random::new(round);
            let bytes = if round == 0 {
                seed.clone()
            } else {
                mutated(&seed, &mut random)
            };
            let text = String::from_utf8_lossy(&bytes);
            let (days, rule) = text.split_once('\n').unwrap_or(("0", &text));
            unroll(
                &format!("{name}, round {round}"),
                days.trim().parse().unwrap_or(0),
                rule,
            );
        }
    }
}

#[test]
fn the_seeds_are_what_they_are_called() {
    for (name, seed) in corpus::seeds("parse") {
        let verdict = parse(&seed, &house()).verdict;
        match name.as_str() {
            "truncated.ics" | "login.html" => {
                assert!(matches!(verdict, Verdict::Broken(_)), "{name}: {verdict:?}");
            }
            "empty.ics" => assert_eq!(verdict, Verdict::Empty),
            _ => assert_eq!(verdict, Verdict::Good, "{name}"),
        }
    }
}

#[test]
fn hostile_files_are_read_in_bounded_time() {
    let wrap = |lines: &str| format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
    let many = |event: &str, count: usize| {
        format!(
            "BEGIN:VCALENDAR\n{}END:VCALENDAR\n",
            format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n").repeat(count)
        )
    };
    for (name, body) in [
        ("one line", "x".repeat(3_000_000)),
        (
            "parameters",
            wrap(&format!("DTSTART{}:20261110", ";A=B".repeat(500_000))),
        ),
        (
            "quotes",
            wrap(&format!("DTSTART;{}:20261110", "A=\"".repeat(500_000))),
        ),
        ("folds", wrap(&format!("SUMMARY:{}", "\n x".repeat(700_000)))),
        ("colons", wrap(&format!("DTSTART:{}", ":".repeat(2_000_000)))),
        (
            "exceptions",
            wrap(&format!(
                "DTSTART:20261110\nRRULE:FREQ=DAILY\nEXDATE:{}",
                "20261111,".repeat(200_000)
            )),
        ),
        (
            "weekdays",
            wrap(&format!(
                "DTSTART:20261110\nRRULE:FREQ=YEARLY;BYDAY={}MO",
                "1MO,".repeat(200_000)
            )),
        ),
        (
            "zones",
            many("DTSTART;TZID=Nowhere:20261110T100000\nDURATION:P1D", 10_000),
        ),
        (
            "same uid",
            many(
                "UID:a\nDTSTART:20261110\nRRULE:FREQ=YEARLY\nRECURRENCE-ID:20261110",
                10_000,
            ),
        ),
        (
            "empty components",
            format!(
                "BEGIN:VCALENDAR\n{}END:VCALENDAR\n",
                "BEGIN:A\nEND:A\n".repeat(150_000)
            ),
        ),
    ] {
        assert!(body.len() < 5 * 1024 * 1024, "{name}");
        read(name, body.as_bytes());
    }
}

fn read(name: &str, bytes: &[u8]) {
    for channel in [Channel::Airbnb, Channel::Google] {
        let context = ParseContext {
            channel: Some(channel),
            ..house()
        };
        let began = Instant::now();
        let parsed = parse(bytes, &context);
        let took = began.elapsed();
        assert!(took < PATIENCE, "{name}: {took:?}");
        assert_eq!(
            parsed.events.is_empty(),
            parsed.verdict != Verdict::Good,
            "{name}"
        );
        assert!(
            parsed
                .events
                .iter()
                .all(|event| context.today < event.nights.end()),
            "{name}"
        );
    }
}

fn unroll(name: &str, days: i32, rule: &str) {
    let today = datetime!(2026-10-05 0:00);
    let Some(start) = today.checked_add(time::Duration::days(days.into())) else {
        return;
    };
    let window = (today, today + time::Duration::days(730));
    let began = Instant::now();
    let expansion: Result<_, RuleError> = expand(rule.trim(), start, window, 1_000);
    assert!(began.elapsed() < PATIENCE, "{name}: {rule}");
    if let Ok(expansion) = expansion {
        assert!(expansion.starts.is_sorted_by(|a, b| a < b), "{name}");
        assert!(
            expansion
                .starts
                .iter()
                .all(|start| window.0 <= *start && *start < window.1),
            "{name}"
        );
    }
}

/// Cuts, doubles, swaps, flips and inserts.
fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(60)).min(bytes.len());
        match random.below(6) {
            0 => {
                bytes.drain(at..to);
            }
            1 => {
                let part = bytes[at..to].to_vec();
                bytes.splice(at..at, part);
            }
            2 if at < to => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            3 if at < to => bytes[at] ^= 1 << random.below(8),
            4 => bytes.truncate(at),
            _ => {
                bytes.splice(at..at, random.pick(&WORDS).bytes());
            }
        }
    }
    bytes
}
