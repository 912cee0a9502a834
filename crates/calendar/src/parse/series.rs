//! The instances of a recurring event.

use std::collections::{BTreeMap, HashSet};

use time::{Date, Duration, PrimitiveDateTime};

use super::component::{Extra, Moment, RawEvent};
use super::place::{Placed, Placer, Point};
use super::warning::{Problem, Warnings};
use crate::recurrence::{self, Rule, Until, Window};

/// An instance, with the day on which the series has it.
pub(super) struct Instance {
    /// On the clock of the series; it stays the same when the instance is moved.
    pub(super) day: Date,
    pub(super) placed: Placed,
}

/// Expands `event`, first placed at `first`, to the instances that may reach into `[from, to)`.
///
/// `replaced` are the instances that other events of the file stand for.
pub(super) fn expand(
    event: &RawEvent,
    first: &Placed,
    replaced: &[&Moment],
    (from, to): (Date, Date),
    placer: &mut Placer<'_>,
    warnings: &mut Warnings,
) -> Vec<Instance> {
    let length = first.length();
    let window = window(from, to, length);
    let mut starts = BTreeMap::from([(first.start.wall(), length)]);
    for rule in &event.rules {
        for start in from_rule(event, rule, first, window, placer, warnings) {
            starts.insert(start, length);
        }
    }
    for extra in &event.more {
        let (start, length) = from_extra(extra, first, length, placer);
        starts.insert(start, length);
    }

    let except = exceptions(event, first, replaced, placer);
    starts.retain(|start, _| !except.has(*start));
    let instances = starts.into_iter().filter_map(|(start, length)| {
        Some(Instance {
            day: start.date(),
            placed: first.moved(start, length)?,
        })
    });
    instances.collect()
}

/// A day's room on both sides, since the house's days are not those of every clock.
fn window(from: Date, to: Date, length: Duration) -> Window {
    let from = from
        .midnight()
        .checked_sub(length + Duration::DAY * 2)
        .unwrap_or(PrimitiveDateTime::MIN);
    let to = to
        .midnight()
        .checked_add(Duration::DAY * 2)
        .unwrap_or(PrimitiveDateTime::MAX);
    Window {
        from,
        to,
        until: None,
    }
}

fn from_rule(
    event: &RawEvent,
    rule: &str,
    first: &Placed,
    window: Window,
    placer: &mut Placer<'_>,
    warnings: &mut Warnings,
) -> Vec<PrimitiveDateTime> {
    let expansion = Rule::parse(rule).and_then(|rule| {
        let window = Window {
            until: rule.until.map(|until| on_the_wall(until, &first.start)),
            ..window
        };
        recurrence::instances(&rule, first.start.wall(), window, &mut placer.budget)
    });
    match expansion {
        Ok(expansion) => {
            if expansion.capped {
                warnings.of(event.number, Problem::TooManyRecurrences);
            }
            expansion.starts
        }
        Err(recurrence::RuleError::Unreadable) => {
            warnings.of(event.number, Problem::UnreadableRule);
            Vec::new()
        }
        Err(recurrence::RuleError::TooBusy) => {
            warnings.of(event.number, Problem::TooManyRecurrences);
            Vec::new()
        }
    }
}

/// UNTIL on the clock of the series: one in UTC ends a timed series at that instant.
fn on_the_wall(until: Until, start: &Point) -> PrimitiveDateTime {
    match (until, start) {
        (Until::Utc(utc), Point::Time(_, clock)) => clock.wall_at(utc.assume_utc()),
        _ => until.wall(),
    }
}

fn from_extra(
    extra: &Extra,
    first: &Placed,
    length: Duration,
    placer: &mut Placer<'_>,
) -> (PrimitiveDateTime, Duration) {
    let (point, _) = placer.point(&extra.start);
    let start = match (&first.start, &point) {
        (Point::Day(_), _) => point.wall().date().midnight(),
        (Point::Time(wall, _), Point::Day(day)) => PrimitiveDateTime::new(*day, wall.time()),
        (Point::Time(..), Point::Time(..)) => first.start.wall_of(&point),
    };
    let own_length = match &extra.end {
        super::component::End::Untold => None,
        end => placer.place(&extra.start, end).ok().map(|placed| placed.length()),
    };
    (start, own_length.unwrap_or(length))
}

/// The instances that do not take place, or not as the series has them.
#[derive(Debug, Default)]
struct Exceptions {
    walls: HashSet<PrimitiveDateTime>,
    days: HashSet<Date>,
}

impl Exceptions {
    fn has(&self, start: PrimitiveDateTime) -> bool {
        self.walls.contains(&start) || self.days.contains(&start.date())
    }
}

fn exceptions(event: &RawEvent, first: &Placed, replaced: &[&Moment], placer: &mut Placer<'_>) -> Exceptions {
    let mut except = Exceptions::default();
    for moment in event.except.iter().chain(replaced.iter().copied()) {
        let (point, _) = placer.point(moment);
        match (&first.start, &point) {
            (Point::Time(..), Point::Time(..)) => {
                except.walls.insert(first.start.wall_of(&point));
            }
            // A date stands for whatever the series has on that day.
            _ => {
                except.days.insert(point.wall().date());
            }
        }
    }
    except
}
