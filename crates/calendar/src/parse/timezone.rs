//! A time zone as a file describes it: offsets, and the instants from which they hold.

use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::clock;
use super::component::{RawObservance, RawTimezone};
use crate::recurrence::{self, Budget, Rule, Until, Window};

/// A zone made of a VTIMEZONE, good for the window that it was made for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileZone {
    /// The offset before the first change.
    before: UtcOffset,
    /// Each change with the offset from then on, in order.
    changes: Vec<(OffsetDateTime, UtcOffset)>,
}

impl FileZone {
    /// Puts the zone together; `None` if it has no observance that can be read.
    pub(super) fn new(timezone: &RawTimezone, window: Window, budget: &mut Budget) -> Option<Self> {
        let mut changes = Vec::new();
        for observance in &timezone.observances {
            let (Some(start), Some(to)) = (observance.start, observance.offset_to) else {
                continue;
            };
            let from = observance.offset_from.unwrap_or(to);
            let onsets = onsets(observance, start, from, window, budget);
            changes.extend(
                onsets
                    .into_iter()
                    .map(|onset| (clock::at_offset(onset, from), from, to)),
            );
        }
        changes.sort_by_key(|(onset, _, _)| *onset);
        let (_, before, _) = *changes.first()?;
        Some(Self {
            before,
            changes: changes.into_iter().map(|(onset, _, to)| (onset, to)).collect(),
        })
    }

    pub(super) fn offset_at(&self, instant: OffsetDateTime) -> UtcOffset {
        let after = self.changes.partition_point(|(onset, _)| *onset <= instant);
        let last = after.checked_sub(1).and_then(|last| self.changes.get(last));
        last.map_or(self.before, |(_, offset)| *offset)
    }

    /// The first instant at which the clock shows `wall`; inside a gap, by the offset from before it.
    pub(super) fn instant_of(&self, wall: PrimitiveDateTime) -> OffsetDateTime {
        let middle = wall.assume_utc();
        let early = self.offset_at(middle.checked_sub(Duration::DAY).unwrap_or(middle));
        let late = self.offset_at(middle.checked_add(Duration::DAY).unwrap_or(middle));
        let fits = |offset: &UtcOffset| self.offset_at(clock::at_offset(wall, *offset)) == *offset;
        let offset = [early, late].into_iter().find(fits).unwrap_or(early);
        clock::at_offset(wall, offset)
    }
}

fn onsets(
    observance: &RawObservance,
    start: PrimitiveDateTime,
    from: UtcOffset,
    window: Window,
    budget: &mut Budget,
) -> Vec<PrimitiveDateTime> {
    let mut onsets = vec![start];
    onsets.extend(&observance.more);
    for rule in observance.rules.iter().filter_map(|rule| Rule::parse(rule).ok()) {
        let until = rule.until.map(|until| match until {
            Until::Day(_) | Until::Wall(_) => until.wall(),
            Until::Utc(utc) => utc
                .checked_add(Duration::seconds(from.whole_seconds().into()))
                .unwrap_or(utc),
        });
        let window = Window { until, ..window };
        if let Ok(expansion) = recurrence::instances(&rule, start, window, budget) {
            onsets.extend(expansion.starts);
        }
    }
    onsets
}
