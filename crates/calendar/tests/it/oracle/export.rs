//! Others read the nights that we write.

use calendar::{Export, ExportSummary, ExportedEvent, export_uid, write};
use serde_json::json;
use time::Duration;
use time::macros::datetime;

use super::{ask, told};
use crate::blocks::nights;
use crate::feed::TODAY;

fn exports() -> Vec<Export<'static>> {
    let event = |index: i64, start: i64, end: i64| ExportedEvent {
        uid: export_uid(format!("4f2c9a6e-5d0b-4b7e-8a51-{index:012}"), "bookings.example"),
        nights: nights(start, end),
        summary: if index % 2 == 0 {
            ExportSummary::Reserved
        } else {
            ExportSummary::NotAvailable
        },
        sequence: u32::try_from(index).unwrap(),
        changed_at: datetime!(2026-10-01 12:00 UTC) + Duration::hours(index),
    };
    let export = |name, events| Export {
        name,
        refresh: Duration::HOUR,
        today: TODAY,
        events,
    };
    vec![
        export("nothing", vec![]),
        export("one night", vec![event(0, 1, 2)]),
        export(
            "back to back; with, all \\ that \"needs\" care:\nñ",
            vec![event(0, 1, 4), event(1, 4, 6)],
        ),
        export(
            "🏔 una cabaña con un nombre bastante más largo que una sola línea de setenta y cinco octetos",
            {
                (0..200)
                    .map(|index| event(index, 1 + index * 3, 3 + index * 3 + index % 4))
                    .collect()
            },
        ),
        export(
            "in progress, overlapping, far",
            vec![event(0, -3, 2), event(1, 1, 9), event(2, 700, 1_000)],
        ),
    ]
}

#[track_caller]
fn check(script: &str) {
    let exports = exports();
    let bodies: Vec<String> = exports
        .iter()
        .map(|export| String::from_utf8(write(export)).unwrap())
        .collect();
    let answers = ask(
        script,
        &json!({ "zone": "America/Argentina/Buenos_Aires", "bodies": bodies }),
    );
    assert_eq!(answers.len(), exports.len());
    for (export, answer) in exports.iter().zip(answers) {
        let wrote = told(export.events.iter().map(|event| event.nights));
        assert_eq!(answer, Some(wrote), "{script}: {}", export.name);
    }
}

#[test]
fn icalendar_of_pypi_reads_our_nights() {
    check("icalendar_nights.py");
}

#[test]
fn node_ical_of_npm_reads_our_nights() {
    check("node_ical_nights.mjs");
}

#[test]
fn ical_js_of_npm_reads_our_nights() {
    check("ical_js_nights.mjs");
}
