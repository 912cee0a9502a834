//! What the catalogue of events promises.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::Path;

use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::money::{Currency, Money};
use domain::stay::Stay;
use events::{ALL, InvalidEvent, reservation_facts, v1};
use time::macros::date;
use uuid::Uuid;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// The names that stand before a message in `/proto`: `// reservation.held.v1: …`.
fn names_in_proto() -> BTreeSet<String> {
    let files = ["reservation", "payment", "webhook", "calendar"];
    let text: String = files
        .iter()
        .map(|file| read(&format!("proto/alojamientos/v1/{file}.proto")))
        .collect();
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("// ")?.split_once(": "))
        .map(|(name, _)| name);
    names
        .filter(|name| name.rsplit_once('.').is_some_and(|(_, version)| version == "v1"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_event_of_the_proto_files_is_in_the_catalogue() {
    let catalogue: BTreeSet<String> = ALL.iter().map(|event| event.name.to_owned()).collect();
    assert_eq!(catalogue, names_in_proto());
}

#[test]
fn the_page_of_events_says_what_the_code_does() {
    let page = read("docs/EVENTS.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).take(3).collect())
        .collect();
    let catalogue: Vec<Vec<String>> = ALL
        .iter()
        .map(|event| {
            vec![
                format!("`{}`", event.name),
                event.from.to_owned(),
                event.heard_by.join(", "),
            ]
        })
        .collect();
    assert_eq!(rows, catalogue);
}

#[test]
fn the_facts_of_a_reservation_travel_whole() {
    let stay = Stay::new(date!(2026 - 12 - 10), date!(2026 - 12 - 13)).unwrap();
    let code = ReservationCode::new(date!(2026 - 11 - 24), [1; 6]);
    let total = Money::new(4_500_000, Currency::ARS).unwrap();
    let facts = reservation_facts(
        Uuid::nil(),
        &code,
        AccommodationId(5),
        stay,
        2,
        "web",
        total,
        total,
    );
    assert_eq!(facts.id(), Ok(Uuid::nil()));
    assert_eq!(facts.stay(), Ok(stay));
    assert_eq!(facts.accommodation(), AccommodationId(5));
    assert_eq!(facts.total.unwrap().decode(), Ok(total));
}

#[test]
fn a_message_that_no_writer_of_ours_makes_is_refused_by_field() {
    let empty = v1::Payment::default();
    assert_eq!(
        empty.decode(),
        Err(InvalidEvent {
            field: "payment.amount"
        })
    );
    assert_eq!(
        v1::Reservation::default().id(),
        Err(InvalidEvent {
            field: "reservation.id"
        })
    );
}
