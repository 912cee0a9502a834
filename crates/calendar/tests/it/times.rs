//! From times to nights.

use calendar::{Channel, ParseContext, Problem, Zone};

use crate::feed::{TODAY, calendar, check, check_in, check_warned, event, house_reading};

#[test]
fn both_ends_go_through_the_property_s_zone() {
    check(
        &event("DTSTART:20261201T180000Z\nDTEND:20261204T140000Z"),
        "12-01..12-04",
    );
    check(
        &event("DTSTART:20261201T020000Z\nDTEND:20261204T140000Z"),
        "11-30..12-04",
    );
    check(
        &event("DTSTART:20261201T180000Z\nDTEND:20261204T020000Z"),
        "12-01..12-03",
    );
}

#[test]
fn a_date_never_passes_through_utc() {
    for zone in [
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "America/Argentina/Buenos_Aires",
    ] {
        let context = ParseContext::new(Zone::named(zone).unwrap(), TODAY);
        check_in(
            &context,
            &event("DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261113"),
            "11-10..11-13",
        );
    }
}

#[test]
fn an_iana_or_windows_name_needs_no_vtimezone() {
    for zone in [
        "America/New_York",
        "Eastern Standard Time",
        "\"America/New_York\"",
        "/x.org/America/New_York",
    ] {
        // 23:00 in New York is 1:00 of the next day in the house.
        let body = event(&format!(
            "DTSTART;TZID={zone}:20261201T230000\nDTEND;TZID={zone}:20261204T120000"
        ));
        check_warned(&body, "12-02..12-04", &[]);
    }
}

#[test]
fn a_known_name_wins_over_the_file_s_own_description() {
    let wrong = vtimezone("America/New_York", "+0900");
    let body = calendar(&format!(
        "{wrong}\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID=America/New_York:20261201T230000\nDURATION:PT12H\nEND:VEVENT"
    ));
    check_warned(&body, "", &[]);
}

#[test]
fn an_unknown_name_is_looked_up_in_the_file() {
    // 10:00 at UTC+9 is 22:00 of the day before in the house.
    let event = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=My Zone:20261201T100000\nDURATION:P2D\nEND:VEVENT";
    for body in [
        format!("{}\n{event}", vtimezone("My Zone", "+0900")),
        format!("{event}\n{}", vtimezone("My Zone", "+0900")),
    ] {
        check_warned(&calendar(&body), "11-30..12-02", &[]);
    }
}

#[test]
fn a_zone_of_the_file_has_its_summer_time() {
    let zone = "BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE";
    // Midnight in the house is 5:00 in summer and 4:00 in winter.
    for (start, nights) in [
        ("20270715T043000", "2027-07-14..2027-07-16"),
        ("20270715T050000", "2027-07-15..2027-07-17"),
        ("20270115T043000", "2027-01-15..2027-01-17"),
        ("20270115T033000", "2027-01-14..2027-01-16"),
    ] {
        let event = format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Customized Time Zone:{start}\nDURATION:P2D\nEND:VEVENT"
        );
        check_warned(&calendar(&format!("{zone}\n{event}")), nights, &[]);
    }
}

#[test]
fn a_name_that_nobody_knows_is_the_property_s_zone_with_a_warning() {
    check_warned(
        &event("DTSTART;TZID=Atlantis:20261201T230000\nDTEND;TZID=Atlantis:20261203T120000"),
        "12-01..12-03",
        &[Problem::UnknownZone],
    );
}

#[test]
fn a_floating_time_is_in_the_property_s_zone() {
    check(
        &event("DTSTART:20261201T230000\nDTEND:20261203T010000"),
        "12-01..12-03",
    );
}

#[test]
fn midnight_in_utc_on_both_ends_is_a_mistake_of_otas_only() {
    for lines in [
        "DTSTART:20261201T000000Z\nDTEND:20261204T000000Z",
        "DTSTART:20261201T000000Z\nDURATION:P3D",
    ] {
        check_in(&house_reading(Channel::Booking), &event(lines), "12-01..12-04");
        check_in(&house_reading(Channel::Other), &event(lines), "12-01..12-04");
        check_in(&house_reading(Channel::Google), &event(lines), "11-30..12-03");
    }
    // One end is no pattern.
    let one_end = event("DTSTART:20261201T000000Z\nDTEND:20261204T140000Z");
    check_in(&house_reading(Channel::Booking), &one_end, "11-30..12-04");
}

#[test]
fn a_timed_event_is_a_night_only_when_it_crosses_midnight() {
    check(&event("DTSTART:20261201T100000\nDTEND:20261201T120000"), "");
    check(
        &event("DTSTART:20261201T220000\nDTEND:20261202T020000"),
        "12-01..12-02",
    );
    check(
        &event("DTSTART:20261201T000000\nDTEND:20261202T000000"),
        "12-01..12-02",
    );
}

#[test]
fn the_ends_may_be_on_different_clocks_or_of_different_types() {
    let flight = "DTSTART;TZID=Asia/Tokyo:20261201T100000\nDTEND;TZID=America/New_York:20261203T100000";
    check(&event(flight), "11-30..12-03");
    check_warned(
        &event("DTSTART;VALUE=DATE:20261201\nDTEND:20261203T140000Z"),
        "12-01..12-03",
        &[Problem::MixedTypes],
    );
    check_warned(
        &event("DTSTART:20261201T140000\nDTEND;VALUE=DATE:20261201"),
        "12-01..12-02",
        &[Problem::EndIsStart],
    );
}

#[test]
fn odd_spellings_of_dates_and_times_are_read() {
    check(&event("DTSTART:2026-11-10\nDTEND:2026-11-13"), "11-10..11-13");
    check(
        &event("DTSTART:20261110T1500\nDTEND:20261113T1100"),
        "11-10..11-13",
    );
    check(
        &event("DTSTART:2026-11-10T15:00:00\nDTEND:20261112T240000"),
        "11-10..11-13",
    );
    check(
        &event("DTSTART;VALUE=DATE:20261110T000000Z\nDTEND;VALUE=DATE:20261113T000000Z"),
        "11-10..11-13",
    );
    check(&event("DTSTART: 20261110\nDTEND:20261113 "), "11-10..11-13");
}

fn vtimezone(name: &str, offset: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}
END:STANDARD\nEND:VTIMEZONE"
    )
}
