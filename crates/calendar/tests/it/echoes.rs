//! Our own nights that come back in another channel's calendar.

use calendar::{DiffContext, ImportedEvent, OwnEvent, diff};

use crate::blocks::{Blocks, listed, nights, stored};
use crate::feed::TODAY;

#[test]
fn our_own_range_without_a_marker_is_an_echo_while_our_reason_exists() {
    let own = [OwnEvent {
        uid: "bk-1@bookings.example".to_owned(),
        nights: nights(5, 8),
        is_ours: true,
    }];
    let mut blocks = Blocks::default();
    blocks.read(&[listed("theirs", 5, 8)], TODAY, &own);
    let echo_of = |blocks: &Blocks| blocks.stored[0].content.echo_of.clone();
    assert_eq!(echo_of(&blocks), Some("bk-1@bookings.example".to_owned()));

    // It stays an echo when our reason is gone: a ring of channels must let go of it.
    blocks.read(&[listed("theirs", 5, 8)], TODAY, &[]);
    assert_eq!(echo_of(&blocks), Some("bk-1@bookings.example".to_owned()));
    // With other nights it is no echo any more.
    blocks.read(&[listed("theirs", 5, 9)], TODAY, &[]);
    assert_eq!(echo_of(&blocks), None);
}

#[test]
fn a_marked_reservation_another_range_or_an_older_block_is_no_echo() {
    let own = [OwnEvent {
        uid: "bk-1@bookings.example".to_owned(),
        nights: nights(5, 8),
        is_ours: true,
    }];
    let marked = ImportedEvent {
        has_reservation_marker: true,
        ..listed("a", 5, 8)
    };
    for (old, event) in [
        (Blocks::default(), marked),
        (Blocks::default(), listed("a", 5, 9)),
        (Blocks::of([stored("a", 5, 8)]), listed("a", 5, 8)),
    ] {
        let mut blocks = old;
        blocks.read(&[event], TODAY, &own);
        assert_eq!(blocks.stored[0].content.echo_of, None);
    }
}

#[test]
fn a_block_that_was_known_first_is_an_echo_of_another_channel_s_and_not_of_a_stay_of_ours() {
    let own = |is_ours| {
        [OwnEvent {
            uid: "bk-1@bookings.example".to_owned(),
            nights: nights(5, 8),
            is_ours,
        }]
    };
    let marked = ImportedEvent {
        has_reservation_marker: true,
        ..listed("theirs", 5, 8)
    };
    for (event, own, is_echo) in [
        (listed("theirs", 5, 8), own(false), true),
        (listed("theirs", 5, 8), own(true), false),
        (marked, own(false), false),
    ] {
        let mut blocks = Blocks::of([stored("theirs", 5, 8)]);
        blocks.read(&[event], TODAY, &own);
        assert_eq!(blocks.stored[0].content.echo_of.is_some(), is_echo);
    }
}

#[test]
fn an_echo_of_a_stay_in_progress_is_known_without_its_past() {
    let own = [OwnEvent {
        uid: "bk-1@bookings.example".to_owned(),
        nights: nights(-3, 4),
        is_ours: true,
    }];
    let mut blocks = Blocks::default();
    blocks.read(&[listed("theirs", 0, 4)], TODAY, &own);
    assert_eq!(
        blocks.stored[0].content.echo_of.as_deref(),
        Some("bk-1@bookings.example")
    );
}

#[test]
fn an_echo_that_vanishes_is_no_suspicion() {
    let echo = calendar::Content {
        echo_of: Some("bk-1@bookings.example".to_owned()),
        ..stored("a", 5, 8)
    };
    let blocks = Blocks::of([echo]);
    assert_eq!(
        diff(
            &blocks.stored,
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
