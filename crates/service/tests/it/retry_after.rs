//! `Retry-After` as a client reads it.

use std::time::Duration;

use service::retry_after::parse;
use time::macros::datetime;

fn check(header: &str, expected: Option<u64>) {
    let now = datetime!(2026-11-24 12:00 UTC);
    let wait = parse(header, now, Duration::from_mins(5));
    assert_eq!(wait.map(|wait| wait.as_secs()), expected, "{header}");
}

#[test]
fn seconds_and_dates_are_read_and_clamped() {
    check("0", Some(0));
    check(" 7 ", Some(7));
    check("301", Some(300));
    check("99999999999999999999999", Some(300));
    check("Tue, 24 Nov 2026 12:01:00 GMT", Some(60));
    check("Tue, 24 Nov 2026 23:00:00 GMT", Some(300));
    check("Mon, 23 Nov 2026 12:00:00 GMT", Some(0));
}

#[test]
fn nonsense_is_ignored() {
    for header in ["", "-1", "1.5", "soon", "2026-11-24T12:01:00Z", "1, 2"] {
        check(header, None);
    }
}
