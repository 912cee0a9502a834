//! The property's zone.

use calendar::{Zone, ZoneError};
use time::macros::{date, datetime, offset};

fn house() -> Zone {
    Zone::named("America/Argentina/Buenos_Aires").unwrap()
}

#[test]
fn today_in_the_house_is_not_today_in_utc() {
    assert_eq!(
        house().date_of(datetime!(2026-12-01 02:00 UTC)),
        date!(2026 - 11 - 30)
    );
    assert_eq!(
        house().date_of(datetime!(2026-12-01 03:00 UTC)),
        date!(2026 - 12 - 01)
    );
    assert_eq!(house().offset_at(datetime!(2026-12-01 02:00 UTC)), offset!(-3));
}

#[test]
fn an_offset_follows_summer_time() {
    let madrid = Zone::named("Europe/Madrid").unwrap();
    assert_eq!(madrid.offset_at(datetime!(2026-07-01 00:00 UTC)), offset!(+2));
    assert_eq!(madrid.offset_at(datetime!(2026-12-01 00:00 UTC)), offset!(+1));
    assert_eq!(
        madrid.start_of(date!(2026 - 07 - 01)),
        datetime!(2026-06-30 22:00 UTC)
    );
}

#[test]
fn an_hour_that_is_skipped_or_comes_twice_is_still_an_instant() {
    let madrid = Zone::named("Europe/Madrid").unwrap();
    assert_eq!(
        madrid.instant_of(datetime!(2026-03-29 02:30)),
        datetime!(2026-03-29 01:30 UTC)
    );
    assert_eq!(
        madrid.instant_of(datetime!(2026-10-25 02:30)),
        datetime!(2026-10-25 00:30 UTC)
    );
}

#[test]
fn a_zone_has_iana_and_windows_names() {
    for (name, iana) in [
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("Argentina Standard Time", "America/Buenos_Aires"),
        ("romance standard time", "Europe/Paris"),
        (" UTC ", "UTC"),
        ("Yakutsk Standard Time", "Asia/Yakutsk"),
        ("Afghanistan Standard Time", "Asia/Kabul"),
    ] {
        assert_eq!(Zone::named(name).unwrap().name(), iana, "{name}");
    }
}

#[test]
fn an_unknown_zone_is_a_named_error() {
    let error = Zone::named("America/Nowhere").unwrap_err();
    assert_eq!(
        error,
        ZoneError::Unknown {
            name: "America/Nowhere".to_owned()
        }
    );
    assert_eq!(error.to_string(), "unknown time zone `America/Nowhere`");
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for instant in [
        datetime!(9999-12-31 23:59:59 UTC),
        datetime!(-9999-01-01 00:00 UTC),
    ] {
        for name in ["Asia/Tokyo", "America/Los_Angeles"] {
            let zone = Zone::named(name).unwrap();
            let _ = zone.date_of(instant);
            let _ = zone.instant_of(time::PrimitiveDateTime::new(instant.date(), instant.time()));
        }
    }
}
