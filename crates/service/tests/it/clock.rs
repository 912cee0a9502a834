//! The one clock.

use service::clock::Clock;
use time::Duration;
use time::macros::datetime;

#[test]
fn a_frozen_clock_moves_only_when_told_and_its_clones_with_it() {
    let clock = Clock::frozen_at(datetime!(2026-03-01 12:00 UTC));
    let clone = clock.clone();
    clock.advance(Duration::minutes(30));
    assert_eq!(clone.now(), datetime!(2026-03-01 12:30 UTC));
    clone.set(datetime!(2026-04-01 0:00 UTC));
    assert_eq!(clock.now(), datetime!(2026-04-01 0:00 UTC));
}

#[test]
fn instants_have_no_more_than_microseconds() {
    assert_eq!(Clock::system().now().nanosecond() % 1_000, 0);
    let frozen = Clock::frozen_at(datetime!(2026-03-01 12:00:00.123456789 UTC));
    assert_eq!(frozen.now(), datetime!(2026-03-01 12:00:00.123456 UTC));
}
