//! A suspicious feed is believed when fetches agree.

use calendar::{Decision, Hold, HoldPolicy, Suspicion, decide};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOON: OffsetDateTime = datetime!(2026-10-05 12:00 UTC);
const EMPTIED: Option<Suspicion> = Some(Suspicion::Emptied { nights: 3 });

/// The decisions about fetches at these minutes after noon, each with what it says.
fn decisions(fetches: &[(i64, &str)]) -> Vec<bool> {
    let mut hold: Option<Hold> = None;
    let decide = |(minute, says): &(i64, &str)| {
        let now = NOON + Duration::minutes(*minute);
        match decide(hold.as_ref(), EMPTIED, says, now, HoldPolicy::default()) {
            Decision::Apply => true,
            Decision::Hold(next) => {
                hold = Some(next);
                false
            }
        }
    };
    fetches.iter().map(decide).collect()
}

#[test]
fn a_feed_without_suspicion_is_believed_at_once() {
    assert_eq!(
        decide(None, None, "x", NOON, HoldPolicy::default()),
        Decision::Apply
    );
}

#[test]
fn three_fetches_over_two_hours_must_agree() {
    assert_eq!(
        decisions(&[(0, "x"), (60, "x"), (120, "x")]),
        [false, false, true]
    );
    assert_eq!(
        decisions(&[(0, "x"), (15, "x"), (30, "x"), (119, "x"), (120, "x")]),
        [false, false, false, false, true]
    );
    assert_eq!(
        decisions(&[(0, "x"), (180, "x"), (181, "x")]),
        [false, false, true]
    );
}

#[test]
fn a_fetch_that_says_something_else_begins_anew() {
    assert_eq!(
        decisions(&[(0, "x"), (60, "y"), (120, "x"), (180, "x")]),
        [false; 4]
    );
}
