//! The habits of each channel.

use calendar::{Channel, Kind, Parsed, Problem, parse};

use crate::feed::{event, house, ranges};

/// Reads `body` of a house that does not know its channel, and gives range and kind of each event.
fn read(body: &str) -> (Parsed, Vec<String>) {
    let parsed = parse(body.replace('\n', "\r\n").as_bytes(), &house());
    let events = parsed.events.iter().map(|event| {
        let marker = if event.has_reservation_marker { "!" } else { "" };
        let tentative = if event.is_tentative { "?" } else { "" };
        let nights = event.nights.to_string().replace("2026-", "");
        format!("{nights} {}{marker}{tentative}", event.kind.as_str())
    });
    let events = events.collect();
    (parsed, events)
}

#[test]
fn airbnb_has_stays_closures_and_rolling_windows() {
    let (parsed, events) = read(
        "BEGIN:VCALENDAR
PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 0.8.8//EN
CALSCALE:GREGORIAN
VERSION:2.0
BEGIN:VEVENT
DTEND;VALUE=DATE:20261007
DTSTART;VALUE=DATE:20261005
UID:7f662ec65913-aaa@airbnb.com
SUMMARY:Airbnb (Not available)
END:VEVENT
BEGIN:VEVENT
DTEND;VALUE=DATE:20261113
DTSTART;VALUE=DATE:20261110
UID:7f662ec65913-bbb@airbnb.com
DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de
 tails/HMABCDEFGH\\nPhone Number (Last 4 Digits): 1234
SUMMARY:Reserved
END:VEVENT
BEGIN:VEVENT
DTEND;VALUE=DATE:20261122
DTSTART;VALUE=DATE:20261120
UID:7f662ec65913-ccc@airbnb.com
SUMMARY:Airbnb (Not available)
END:VEVENT
BEGIN:VEVENT
DTEND;VALUE=DATE:20271006
DTSTART;VALUE=DATE:20270405
UID:7f662ec65913-ddd@airbnb.com
SUMMARY:Airbnb (Not available)
END:VEVENT
END:VCALENDAR
",
    );
    assert_eq!(parsed.channel, Channel::Airbnb);
    assert_eq!(
        events,
        [
            "10-05..10-07 window",
            "11-10..11-13 stay!",
            "11-20..11-22 closure",
            "2027-04-05..2027-10-06 window"
        ]
    );
    assert!(
        !format!("{parsed:?}").contains("1234"),
        "digits of a phone are not kept"
    );
    assert!(!format!("{parsed:?}").contains("HMABC"), "nor is the code");
}

#[test]
fn booking_has_one_text_for_stays_and_closures() {
    let (parsed, events) = read(
        "BEGIN:VCALENDAR
PRODID:-//admin.booking.com\\, b.v.//NONSGML v1.0//EN
METHOD:PUBLISH
VERSION:2.0
BEGIN:VEVENT
DTSTAMP:20261005T093000Z
UID:0123456789abcdef0123456789abcdef@booking.com
DTSTART;VALUE=DATE:20261110
DTEND;VALUE=DATE:20261113
SUMMARY:CLOSED - Not available
END:VEVENT
END:VCALENDAR
",
    );
    assert_eq!(
        (parsed.channel, events),
        (Channel::Booking, vec!["11-10..11-13 stay".to_owned()])
    );
    let old =
        event("DTSTART:20261110").replace("-//Somebody//Tests//EN", "-//admin.booking.com//NONSGML v1.0//EN");
    assert_eq!(parse(old.as_bytes(), &house()).channel, Channel::Booking);
}

#[test]
fn vrbo_is_localised_and_names_are_not_kept() {
    let stay = |uid: &str, start: u8, summary: &str| {
        format!(
            "BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261005T093000Z\nDTSTART;VALUE=DATE:202611{start}\nDTEND;VALUE=DATE:202611{}
SUMMARY:{summary}\nEND:VEVENT\n",
            start + 2
        )
    };
    let (parsed, events) = read(&format!(
        "BEGIN:VCALENDAR\nPRODID:-//HomeAway.com, Inc.//EN\nVERSION:2.0\n{}{}{}{}{}{}END:VCALENDAR\n",
        stay("b1a3f7a2-5d0b-4b7e-8a51-0c6f7d1e2b93", 10, "Reserved - Ana Pérez"),
        stay("2026-11-12_2026-11-14", 12, "Blocked"),
        stay("2026-11-14_2026-11-16", 14, "Indisponible"),
        stay("b1a3f7a2-5d0b-4b7e-8a51-0c6f7d1e2b94", 16, "Réservée - Ève"),
        stay("b1a3f7a2-5d0b-4b7e-8a51-0c6f7d1e2b95", 18, "Provisoire - Zoé"),
        stay("b1a3f7a2-5d0b-4b7e-8a51-0c6f7d1e2b96", 20, "予約済み"),
    ));
    assert_eq!(parsed.channel, Channel::Vrbo);
    assert_eq!(
        events,
        [
            "11-10..11-12 stay!",
            "11-12..11-14 closure",
            "11-14..11-16 closure",
            "11-16..11-18 stay!",
            "11-18..11-20 stay!?",
            "11-20..11-22 stay!"
        ]
    );
    assert!(!format!("{parsed:?}").contains("Ana"));
}

#[test]
fn vrbo_with_duration_and_vtimezone_is_read() {
    let (_, events) = read(
        "BEGIN:VCALENDAR
PRODID:-//HomeAway.com, Inc.//EN
BEGIN:VTIMEZONE
TZID:Local
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-0300
TZOFFSETTO:-0300
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:b1a3f7a2-5d0b-4b7e-8a51-0c6f7d1e2b93
DTSTART;TZID=Local:20261110T160000
DURATION:P2DT18H
SUMMARY:Reserved - Ana
END:VEVENT
END:VCALENDAR
",
    );
    assert_eq!(events, ["11-10..11-13 stay!"]);
}

#[test]
fn google_has_times_recurrences_and_free_days() {
    let (parsed, events) = read(
        "BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:casa@example.com
X-WR-TIMEZONE:Europe/Madrid
BEGIN:VTIMEZONE
TZID:Europe/Madrid
X-LIC-LOCATION:Europe/Madrid
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261110
DTEND;VALUE=DATE:20261113
UID:a@google.com
SUMMARY:Busy
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261201
DTEND;VALUE=DATE:20261202
UID:b@google.com
SUMMARY:Cumple de Ana
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Madrid:20261124T200000
DTEND;TZID=Europe/Madrid:20261125T120000
RRULE:FREQ=WEEKLY;COUNT=2
UID:c@google.com
SUMMARY:Familia
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20190110
DTEND;VALUE=DATE:20190112
UID:d@google.com
END:VEVENT
END:VCALENDAR
",
    );
    assert_eq!(parsed.channel, Channel::Google);
    assert_eq!(
        events,
        [
            "11-10..11-13 closure",
            "11-24..11-25 closure",
            "12-01..12-02 closure"
        ]
    );
    assert_eq!((parsed.tally.free, parsed.tally.past), (1, 1));
    assert_eq!(
        parsed
            .warnings
            .iter()
            .map(|warning| warning.problem)
            .collect::<Vec<Problem>>(),
        []
    );
}

#[test]
fn smoobu_lists_each_stay_three_times_and_the_union_copes() {
    let one = |uid: u8| {
        format!(
            "BEGIN:VEVENT\nUID:{uid}@smoobu.com\nDTSTART:20261110\nDTEND:20261113\nSUMMARY:Ana\nEND:VEVENT\n"
        )
    };
    let (parsed, _) = read(&format!(
        "BEGIN:VCALENDAR\nPRODID:-//Smoobu//EN\n{}{}{}END:VCALENDAR\n",
        one(1),
        one(2),
        one(3)
    ));
    assert_eq!((parsed.channel, parsed.nights().count()), (Channel::Smoobu, 3));
}

#[test]
fn every_channel_is_known_by_its_prodid_and_its_name() {
    for (prodid, channel) in [
        ("-//Airbnb Inc//Hosting Calendar 1.0//EN", Channel::Airbnb),
        ("-//HomeAway.com\\, Inc.//EN", Channel::Vrbo),
        ("Microsoft Exchange Server 2010", Channel::Outlook),
        ("-//Apple Inc.//macOS 14.0//EN", Channel::Apple),
        ("-//TripAdvisor//EN", Channel::TripAdvisor),
        ("-//Expedia//EN", Channel::Expedia),
        ("-//alojamientos//calendar export//EN", Channel::Alojamientos),
    ] {
        assert_eq!(Channel::from_prodid(prodid), Some(channel), "{prodid}");
        assert_eq!(channel.as_str().parse(), Ok(channel));
    }
    assert_eq!(Channel::from_prodid("-//Somebody//EN"), None);
    assert_eq!("Booking.com".parse(), Ok(Channel::Booking));
    assert!("somebody".parse::<Channel>().is_err());
}

#[test]
fn an_unknown_channel_is_labelled_by_its_words() {
    for (summary, kind, marker) in [
        ("Reserved", Kind::Stay, true),
        ("Reserva confirmada", Kind::Stay, true),
        ("Booked by somebody", Kind::Stay, true),
        ("Not available", Kind::Closure, false),
        ("Bloqueado", Kind::Closure, false),
        ("CLOSED - Not available (reserved)", Kind::Closure, false),
        ("Ana", Kind::Stay, false),
    ] {
        let parsed = parse(
            event(&format!("DTSTART:20261110\nSUMMARY:{summary}")).as_bytes(),
            &house(),
        );
        assert_eq!(ranges(&parsed), "11-10..11-11");
        let found = &parsed.events[0];
        assert_eq!(
            (found.kind, found.has_reservation_marker),
            (kind, marker),
            "{summary}"
        );
    }
}
