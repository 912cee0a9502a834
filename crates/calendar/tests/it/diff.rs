//! The sync rules that need no store.

use calendar::{Change, DiffContext, ImportedEvent, Kind, Plan, Suspicion, diff};
use time::Duration;

use crate::blocks::{Blocks, listed, nights, stored};
use crate::feed::TODAY;

/// A plan in words: `=` kept, `~` changed, `+` added, `-` removed; nights counted from today.
fn words(plan: &Plan<'_, u32>) -> String {
    let range = |nights: calendar::Nights| {
        format!(
            "{}..{}",
            (nights.start() - TODAY).whole_days(),
            (nights.end() - TODAY).whole_days()
        )
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(plan.keep.iter().map(|block| format!("={}", block.id)));
    words.extend(plan.change.iter().map(|changed| {
        let how = match changed.change {
            Change::Moved => "moved",
            Change::Rolled => "rolled",
            Change::Relabelled => "relabelled",
        };
        format!(
            "~{} {how} {} {}",
            changed.block.id,
            range(changed.to.nights),
            changed.to.uid
        )
    }));
    words.extend(
        plan.add
            .iter()
            .map(|content| format!("+{} {}", range(content.nights), content.uid)),
    );
    words.extend(plan.remove.iter().map(|removed| match removed.past {
        Some(past) => format!("-{} but {}", removed.block.id, range(past)),
        None => format!("-{}", removed.block.id),
    }));
    words.join(", ")
}

#[track_caller]
fn check(old: &Blocks, new: &[ImportedEvent], expected: &str) {
    let plan = diff(
        &old.stored,
        new,
        &DiffContext {
            today: TODAY,
            own: &[],
        },
    );
    assert_eq!(words(&plan), expected);
}

fn window(start: i64, end: i64) -> ImportedEvent {
    ImportedEvent {
        kind: Kind::Window,
        ..listed("window", start, end)
    }
}

#[test]
fn what_is_listed_again_is_kept() {
    check(&Blocks::of([stored("a", 5, 8)]), &[listed("a", 5, 8)], "=0");
}

#[test]
fn a_removed_event_releases_its_nights() {
    check(
        &Blocks::of([stored("a", 5, 8), stored("b", 10, 12)]),
        &[listed("b", 10, 12)],
        "=1, -0",
    );
}

#[test]
fn removing_one_of_two_that_overlap_frees_only_nights_that_the_other_does_not_cover() {
    let mut blocks = Blocks::of([stored("a", 5, 8), stored("b", 7, 10)]);
    blocks.read(&[listed("b", 7, 10)], TODAY, &[]);
    assert_eq!(blocks.nights().ranges(), [nights(7, 10)]);
}

#[test]
fn a_stay_that_keeps_its_uid_moves_in_place() {
    check(
        &Blocks::of([stored("a", 5, 8)]),
        &[listed("a", 20, 25)],
        "~0 moved 20..25 a",
    );
}

#[test]
fn a_stay_with_a_new_uid_is_the_same_stay() {
    check(
        &Blocks::of([stored("a", 5, 8)]),
        &[listed("b", 5, 8)],
        "~0 relabelled 5..8 b",
    );
}

#[test]
fn the_same_end_makes_the_same_stay() {
    check(
        &Blocks::of([stored("a", 5, 8)]),
        &[listed("b", 6, 8)],
        "~0 moved 6..8 b",
    );
}

#[test]
fn back_to_back_stays_remain_two() {
    let blocks = Blocks::of([stored("a", 5, 8), stored("b", 8, 10)]);
    check(
        &blocks,
        &[listed("x", 5, 8), listed("y", 8, 10)],
        "~0 relabelled 5..8 x, ~1 relabelled 8..10 y",
    );
    check(&blocks, &[listed("b", 8, 10), listed("a", 5, 8)], "=0, =1");
}

#[test]
fn the_same_uid_twice_stays_two_blocks() {
    let blocks = Blocks::of([stored("a", 5, 8), stored("a", 20, 22)]);
    check(&blocks, &[listed("a", 20, 22), listed("a", 5, 8)], "=0, =1");
    check(&blocks, &[listed("a", 20, 22)], "=1, -0");
}

#[test]
fn a_stay_in_progress_whose_start_moves_on_every_day_stays_one_stay() {
    let mut blocks = Blocks::of([stored("day 0", 0, 6)]);
    for day in 1..5 {
        let today = TODAY + Duration::days(day);
        // The channel's today is one ahead of ours.
        blocks.read(&[listed(&format!("day {day}"), day + 1, 6)], today, &[]);
        assert_eq!(blocks.nights().ranges(), [nights(0, 6)], "on day {day}");
        assert_eq!(blocks.stored.len(), 1);
    }
}

#[test]
fn a_stay_that_begins_much_later_is_not_the_one_in_progress() {
    check(
        &Blocks::of([stored("a", -2, 3)]),
        &[listed("a", 9, 12)],
        "+9..12 a, -0 but -2..0",
    );
}

#[test]
fn past_nights_are_neither_released_nor_created() {
    check(&Blocks::of([stored("over", -5, 0)]), &[], "");
    check(&Blocks::of([stored("a", -2, 3)]), &[], "-0 but -2..0");
    check(&Blocks::default(), &[listed("a", -2, 3)], "+0..3 a");
    check(
        &Blocks::of([stored("a", 1, 3)]),
        &[listed("a", -2, 3)],
        "~0 moved 0..3 a",
    );
    check(
        &Blocks::of([stored("a", -2, 5)]),
        &[listed("a", -2, 2)],
        "~0 moved -2..2 a",
    );
    check(&Blocks::of([stored("a", -2, 3)]), &[listed("a", -4, 3)], "=0");
}

#[test]
fn a_window_rolls_on_without_being_news() {
    let rolled = Blocks::of([calendar::Content {
        kind: Kind::Window,
        ..stored("window", 0, 2)
    }]);
    let tomorrow = TODAY + Duration::DAY;
    let events = [ImportedEvent {
        uid: "other".into(),
        ..window(1, 3)
    }];
    let plan = diff(
        &rolled.stored,
        &events,
        &DiffContext {
            today: tomorrow,
            own: &[],
        },
    );
    assert_eq!(words(&plan), "~0 rolled 0..3 other");
    assert_eq!(plan.suspicion, None);
}

#[test]
fn a_vanished_window_is_no_suspicion() {
    let blocks = Blocks::of([calendar::Content {
        kind: Kind::Window,
        ..stored("window", 200, 400)
    }]);
    let plan = diff(
        &blocks.stored,
        &[],
        &DiffContext {
            today: TODAY,
            own: &[],
        },
    );
    assert_eq!((words(&plan).as_str(), plan.suspicion), ("-0", None));
}

#[test]
fn a_closure_that_was_known_before_does_not_become_a_window() {
    let blocks = Blocks::of([calendar::Content {
        kind: Kind::Closure,
        ..stored("window", 0, 2)
    }]);
    check(&blocks, &[window(0, 2)], "=0");
}

#[test]
fn the_edge_of_the_horizon_rolls_on_without_being_news() {
    let blocks = Blocks::of([stored("a", 700, 730)]);
    let events = [ImportedEvent {
        is_clipped: true,
        ..listed("a", 700, 731)
    }];
    check(&blocks, &events, "~0 rolled 700..731 a");
}

#[test]
fn an_empty_feed_after_a_full_one_is_suspicious() {
    let blocks = Blocks::of([stored("a", 5, 8), stored("past", -9, -2)]);
    let plan = diff(
        &blocks.stored,
        &[],
        &DiffContext {
            today: TODAY,
            own: &[],
        },
    );
    assert_eq!(plan.suspicion, Some(Suspicion::Emptied { nights: 3 }));
    assert_eq!(
        diff::<u32>(
            &[],
            &[],
            &DiffContext {
                today: TODAY,
                own: &[]
            }
        )
        .suspicion,
        None
    );
}

#[test]
fn more_than_half_of_the_nights_gone_is_suspicious_and_half_is_not() {
    let suspicion = |lost: i64| {
        let blocks = Blocks::of([stored("a", 5, 5 + lost), stored("b", 20, 23)]);
        diff(
            &blocks.stored,
            &[listed("b", 20, 23)],
            &DiffContext {
                today: TODAY,
                own: &[],
            },
        )
        .suspicion
    };
    assert_eq!(suspicion(3), None);
    assert_eq!(suspicion(4), Some(Suspicion::MostNightsGone { gone: 4, of: 7 }));
}

#[test]
fn a_plan_on_hold_closes_nights_and_frees_none() {
    let blocks = Blocks::of([
        stored("a", 5, 15),
        stored("b", 20, 30),
        stored("c", 40, 50),
        stored("d", 60, 62),
    ]);
    let events = [
        listed("b", 22, 24),
        listed("c", 45, 55),
        listed("d", 60, 65),
        listed("e", 70, 71),
    ];
    let plan = diff(
        &blocks.stored,
        &events,
        &DiffContext {
            today: TODAY,
            own: &[],
        },
    );
    assert!(plan.suspicion.is_some());
    let plan = plan.closing_only();
    assert_eq!(
        words(&plan),
        "=1, =2, =0, ~3 moved 60..65 d, +70..71 e, +45..55 c"
    );

    let mut held = blocks.clone();
    held.apply(plan);
    let before = held.nights();
    // The same fetch again changes nothing while the hold lasts, and then all of it is done.
    let copy = held.stored.clone();
    let again = diff(
        &copy,
        &events,
        &DiffContext {
            today: TODAY,
            own: &[],
        },
    );
    assert_eq!(again.clone().closing_only().nights(), before);
    held.apply(again);
    let expected: calendar::NightSet = events.iter().map(|event| event.nights).collect();
    assert_eq!(held.nights(), expected);
}

/// One of them took over the block of a stay in progress, which keeps its past and tonight.
#[test]
fn two_stays_under_one_uid_are_told_apart_by_their_nights() {
    let tomorrow = TODAY + Duration::DAY;
    let mut blocks = Blocks::default();
    blocks.read(&[listed("0", 1, 2), listed("1", -1, 4)], TODAY, &[]);
    let feed = [listed("0", 2, 4), listed("0", 1, 4)];
    blocks.read(&feed, tomorrow, &[]);
    let context = DiffContext {
        today: tomorrow,
        own: &[],
    };
    let again = diff(&blocks.stored, &feed, &context);
    assert!(again.is_empty(), "{again:?}");
}
