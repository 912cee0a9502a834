//! Others read the channels' feeds as we do.

use calendar::{ParseContext, Zone, parse};
use serde_json::json;
use time::macros::date;

use super::{ask, told};
use crate::corpus;

/// Feeds of the corpus without recurrences, free days and mistakes: every library must agree on them.
const PLAIN: [&str; 6] = [
    "airbnb.ics",
    "booking.ics",
    "vrbo.ics",
    "smoobu.ics",
    "several_calendars.ics",
    "times.ics",
];

#[test]
fn icalendar_of_pypi_reads_the_channels_nights_as_we_do() {
    let bodies: Vec<String> = PLAIN.iter().map(|name| corpus::text("parse", name)).collect();
    let zone = "America/Argentina/Buenos_Aires";
    let answers = ask("icalendar_nights.py", &json!({ "zone": zone, "bodies": bodies }));
    for ((name, body), answer) in PLAIN.iter().zip(&bodies).zip(answers) {
        let context = ParseContext::new(Zone::named(zone).unwrap(), date!(2026 - 01 - 01));
        let parsed = parse(body.as_bytes(), &context);
        assert!(!parsed.events.is_empty(), "{name}");
        assert_eq!(
            answer,
            Some(told(parsed.events.iter().map(|event| event.nights))),
            "{name}"
        );
    }
}
