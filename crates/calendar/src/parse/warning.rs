//! What was strange about a file, told without quoting it.

use std::fmt;

/// The most warnings that are kept; the others are only counted.
const KEPT: usize = 100;

/// Something in a file that was read with a guess, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which VEVENT of the file, counted from 1; absent where the file as a whole is meant.
    pub event: Option<u32>,
    /// What it is.
    pub problem: Problem,
}

/// The ways in which a file can be strange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes that are NUL or no UTF-8 were replaced.
    #[error("bytes that are not text were replaced")]
    NotText,
    /// A line that is no property was ignored.
    #[error("a line that is no property was ignored")]
    NotAProperty,
    /// A component is ended that was not begun, or not ended.
    #[error("a component is not ended where it should be")]
    Unbalanced,
    /// There is text outside the calendar.
    #[error("text outside the calendar was ignored")]
    TextOutside,
    /// The event has no start that can be read; it was rejected.
    #[error("no readable start: the event was rejected")]
    NoStart,
    /// The end or duration cannot be read: one night is closed.
    #[error("unreadable end: one night is closed")]
    UnreadableEnd,
    /// The end is the start: one night is closed.
    #[error("the end is the start: one night is closed")]
    EndIsStart,
    /// The end is before the start; the event was rejected.
    #[error("the end is before the start: the event was rejected")]
    EndBeforeStart,
    /// The event lasts longer than [`Limits::longest_days`](crate::Limits::longest_days); it was rejected.
    #[error("absurdly long: the event was rejected")]
    TooLong,
    /// There are an end and a duration; the end counts.
    #[error("both an end and a duration: the end counts")]
    EndAndDuration,
    /// The start is a date and the end a time, or the other way round.
    #[error("start and end are of different types")]
    MixedTypes,
    /// Neither the tables nor the file know the time zone; the property's zone was taken.
    #[error("unknown time zone: the property's zone was taken")]
    UnknownZone,
    /// The recurrence rule cannot be read: only the first time counts.
    #[error("unreadable recurrence rule: only the first time counts")]
    UnreadableRule,
    /// The recurrence has too many instances: only the first time, or the first ones, count.
    #[error("too many recurrences: only the first count")]
    TooManyRecurrences,
    /// An RDATE or EXDATE cannot be read and was ignored.
    #[error("an unreadable RDATE or EXDATE was ignored")]
    UnreadableDate,
    /// A change to "this and future" recurrences was read as a change to this one.
    #[error("a change to future recurrences was applied to one")]
    ThisAndFuture,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Some(event) => write!(formatter, "event {event}: {}", self.problem),
            None => self.problem.fmt(formatter),
        }
    }
}

/// Warnings in the making.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    pub(super) kept: Vec<Warning>,
    pub(super) left_out: u32,
}

impl Warnings {
    /// Warns of one event.
    pub(super) fn of(&mut self, event: u32, problem: Problem) {
        self.add(Warning {
            event: Some(event),
            problem,
        });
    }

    /// Warns of the file; once for each problem.
    pub(super) fn of_file(&mut self, problem: Problem) {
        let warning = Warning { event: None, problem };
        if !self.kept.contains(&warning) {
            self.add(warning);
        }
    }

    fn add(&mut self, warning: Warning) {
        if self.kept.len() < KEPT {
            self.kept.push(warning);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}
