//! What holds for every input.

use std::collections::BTreeSet;

use calendar::{
    DiffContext, Export, ExportSummary, ExportedEvent, ImportedEvent, NightSet, Nights, diff, export_uid,
    parse, write,
};
use proptest::collection::vec;
use proptest::prelude::*;
use time::macros::datetime;
use time::{Date, Duration};

use crate::blocks::{Blocks, listed, nights};
use crate::feed::{TODAY, house};

fn ranges(from: i64, to: i64) -> impl Strategy<Value = Vec<Nights>> {
    vec((from..to, 1_i64..12), 0..12).prop_map(|ranges| {
        ranges
            .into_iter()
            .map(|(start, length)| nights(start, start + length))
            .collect()
    })
}

fn dates(ranges: &[Nights]) -> BTreeSet<Date> {
    ranges.iter().flat_map(|range| range.iter()).collect()
}

/// Feeds with few UIDs, so that they collide, shift and overlap.
fn feeds() -> impl Strategy<Value = Vec<Vec<ImportedEvent>>> {
    let event = (0..4_u8, -6_i64..12, 1_i64..6)
        .prop_map(|(uid, start, length)| listed(&uid.to_string(), start, start + length));
    vec(vec(event, 0..6), 1..5)
}

proptest! {
    #[test]
    fn a_set_of_nights_is_a_set_of_dates(a in ranges(-20, 60), b in ranges(-20, 60), probe in ranges(-20, 60)) {
        let (set_a, set_b): (NightSet, NightSet) = (a.iter().copied().collect(), b.iter().copied().collect());
        let (dates_a, dates_b) = (dates(&a), dates(&b));
        let collect = |set: &NightSet| set.iter().collect::<BTreeSet<Date>>();

        prop_assert_eq!(collect(&set_a), dates_a.clone());
        prop_assert_eq!(set_a.count(), u64::try_from(dates_a.len()).unwrap());
        prop_assert_eq!(collect(&set_a.union(&set_b)), &dates_a | &dates_b);
        prop_assert_eq!(set_a.union(&set_b), set_b.union(&set_a));
        prop_assert_eq!(collect(&set_a.difference(&set_b)), &dates_a - &dates_b);
        prop_assert_eq!(collect(&set_a.from(TODAY)), dates_a.range(TODAY..).copied().collect::<BTreeSet<Date>>());
        for range in probe {
            prop_assert_eq!(set_a.covers(range), range.iter().all(|date| dates_a.contains(&date)));
            prop_assert_eq!(set_a.overlaps(range), range.iter().any(|date| dates_a.contains(&date)));
            prop_assert_eq!(set_a.contains(range.start()), dates_a.contains(&range.start()));
        }
        for pair in set_a.ranges().windows(2) {
            prop_assert!(pair[0].end() < pair[1].start(), "ranges are apart");
        }
    }

    #[test]
    fn reading_what_we_wrote_gives_the_same_nights(ranges in ranges(1, 700), name in ".{0,120}") {
        let events = ranges.iter().enumerate().map(|(index, range)| ExportedEvent {
            uid: export_uid(index, "elsewhere.example"),
            nights: *range,
            summary: ExportSummary::Reserved,
            sequence: 0,
            changed_at: datetime!(2026-10-01 12:00 UTC),
        });
        let export = Export { name: &name, refresh: Duration::HOUR, today: TODAY, events: events.collect() };
        let parsed = parse(&write(&export), &house());
        let mut read: Vec<Nights> = parsed.events.iter().map(|event| event.nights).collect();
        read.sort();
        let mut wrote = ranges;
        wrote.sort();
        prop_assert_eq!(read, wrote);
        prop_assert_eq!(parsed.warnings, vec![]);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes, &house());
    }

    #[test]
    fn any_lines_in_an_event_are_read_without_panic(
        lines in vec("(DTSTART|DTEND|DURATION|RRULE|EXDATE|RDATE|RECURRENCE-ID|UID|BEGIN|END)(;[A-Z]{2,5}=\"?[A-Za-z/:,]{0,9}\"?)?:[-0-9TZPWDHMS,;=/A-Z]{0,20}", 0..12)
    ) {
        let body = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{}\nEND:VEVENT\nEND:VCALENDAR", lines.join("\n"));
        let _ = parse(body.as_bytes(), &house());
    }

    #[test]
    fn after_a_sync_the_nights_to_come_are_those_of_the_feed_and_the_past_is_as_it_was(feeds in feeds()) {
        let mut blocks = Blocks::default();
        for (day, feed) in (0..).zip(&feeds) {
            let today = TODAY + Duration::days(day);
            let past = blocks.nights().difference(&blocks.nights().from(today));
            let in_progress: NightSet = blocks.stored.iter().map(|block| block.content.nights)
                .filter(|nights| nights.start() < today && today < nights.end()).collect();
            blocks.read(feed, today, &[]);

            let now = blocks.nights();
            prop_assert_eq!(now.difference(&now.from(today)), past, "the past has changed");
            let listed: NightSet = feed.iter().map(|event| event.nights).collect();
            let (now, listed) = (now.from(today), listed.from(today));
            prop_assert!(listed.difference(&now).is_empty(), "a listed night is open");
            // Only tonight may be closed beyond the feed, by a stay in progress whose start moved to tomorrow.
            let more = now.difference(&listed);
            prop_assert!(more.iter().all(|date| date == today && in_progress.contains(date)), "ghost: {:?}", more);
        }
    }

    #[test]
    fn the_same_feed_twice_changes_nothing_and_its_order_does_not_matter(feeds in feeds()) {
        let mut blocks = Blocks::default();
        for (day, feed) in (0..).zip(&feeds) {
            let today = TODAY + Duration::days(day);
            let mut reversed = feed.clone();
            reversed.reverse();
            let mut other = blocks.clone();
            other.stored.reverse();
            blocks.read(feed, today, &[]);
            other.read(&reversed, today, &[]);
            prop_assert_eq!(blocks.nights(), other.nights());
            let again = diff(&blocks.stored, &reversed, &DiffContext { today, own: &[] });
            prop_assert!(again.is_empty(), "{:?}", again);
        }
    }

    #[test]
    fn a_held_plan_frees_no_night(feeds in feeds()) {
        let mut blocks = Blocks::default();
        for feed in &feeds {
            let stored = blocks.stored.clone();
            let plan = diff(&stored, feed, &DiffContext { today: TODAY, own: &[] }).closing_only();
            let before = blocks.nights();
            blocks.apply(plan);
            let listed: NightSet = feed.iter().map(|event| event.nights).collect();
            prop_assert!(before.difference(&blocks.nights()).is_empty(), "a night was freed");
            prop_assert!(listed.from(TODAY).difference(&blocks.nights()).is_empty(), "a listed night is open");
        }
    }
}
