//! From what an event says of its time to two points in time.

use time::{Date, Duration, PrimitiveDateTime, Time};

use super::clock::{Clock, Clocks};
use super::component::{End, Moment};
use super::value::{Written, WrittenDuration};
use super::warning::Problem;
use crate::recurrence::Budget;
use crate::{ChannelKind, Nights, Zone};

/// A date, which has no zone, or a time on some clock.
#[derive(Debug, Clone)]
pub(super) enum Point {
    Day(Date),
    Time(PrimitiveDateTime, Clock),
}

impl Point {
    /// The day of the house. A date is taken as it is: it never passes through UTC.
    pub(super) fn date(&self, house: Zone) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::Time(wall, clock) => house.date_of(clock.instant_of(*wall)),
        }
    }

    /// What the wall of this point's own clock shows; midnight for a date.
    pub(super) fn wall(&self) -> PrimitiveDateTime {
        match self {
            Self::Day(day) => day.midnight(),
            Self::Time(wall, _) => *wall,
        }
    }

    /// Another point of the same type on the same clock.
    pub(super) fn with_wall(&self, wall: PrimitiveDateTime) -> Self {
        match self {
            Self::Day(_) => Self::Day(wall.date()),
            Self::Time(_, clock) => Self::Time(wall, clock.clone()),
        }
    }

    /// What `other` is on the clock of this point.
    pub(super) fn wall_of(&self, other: &Self) -> PrimitiveDateTime {
        match (self, other) {
            (Self::Time(_, clock), Self::Time(wall, other)) => clock.wall_at(other.instant_of(*wall)),
            _ => other.wall(),
        }
    }
}

/// When an event takes place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) start: Point,
    pub(super) end: Point,
    /// What was strange about it, though not enough to reject it.
    pub(super) problem: Option<Problem>,
}

impl Placed {
    /// The nights `[start date, end date)` in the house; `None` if it crosses no midnight.
    pub(super) fn nights(&self, house: Zone) -> Option<Nights> {
        Nights::new(self.start.date(house), self.end.date(house)).ok()
    }

    /// How long it lasts on the wall.
    pub(super) fn length(&self) -> Duration {
        self.start.wall_of(&self.end) - self.start.wall()
    }

    /// The same event on another day, as the wall reckons.
    pub(super) fn moved(&self, start: PrimitiveDateTime, length: Duration) -> Option<Self> {
        let end = start.checked_add(length)?;
        Some(Self {
            start: self.start.with_wall(start),
            end: self.start.with_wall(end),
            problem: None,
        })
    }
}

/// How to read the times of a file.
pub(super) struct Placer<'a> {
    pub(super) clocks: Clocks<'a>,
    pub(super) budget: Budget,
    pub(super) house: Zone,
    pub(super) kind: ChannelKind,
    pub(super) longest: Duration,
}

impl Placer<'_> {
    /// The point that a moment means; `false` if its zone is unknown and the house's was taken.
    pub(super) fn point(&mut self, moment: &Moment) -> (Point, bool) {
        match (moment.written, &moment.zone) {
            (Written::Day(day), _) => (Point::Day(day), true),
            (Written::Utc(wall), _) => (Point::Time(wall, Clock::UTC), true),
            (Written::Wall(wall), None) => (Point::Time(wall, self.clocks.house()), true),
            (Written::Wall(wall), Some(zone)) => match self.clocks.find(zone, &mut self.budget) {
                Some(clock) => (Point::Time(wall, clock), true),
                None => (Point::Time(wall, self.clocks.house()), false),
            },
        }
    }

    /// Places an event by its start and end, or says why it is rejected.
    pub(super) fn place(&mut self, start: &Moment, end: &End) -> Result<Placed, Problem> {
        if self.kind == ChannelKind::Ota
            && let Some((start, end)) = days_in_disguise(start, end)
        {
            return self.place_days(start, end);
        }
        let (start, start_known) = self.point(start);
        let mut end_known = true;
        let mut placed = match (end, &start) {
            (End::Untold, Point::Day(day)) => one_night(*day, None),
            (End::Untold, Point::Time(..)) => Ok(Placed {
                start: start.clone(),
                end: start.clone(),
                problem: None,
            }),
            (End::Unreadable, _) => one_night(start.date(self.house), Some(Problem::UnreadableEnd)),
            (End::After(WrittenDuration::Overflow), _) => Err(Problem::TooLong),
            (End::After(WrittenDuration::Exactly(length)), _) => self.place_length(&start, *length),
            (End::At(end), _) => {
                let (end, known) = self.point(end);
                end_known = known;
                self.place_ends(&start, &end)
            }
        }?;
        if !(start_known && end_known) {
            placed.problem = placed.problem.or(Some(Problem::UnknownZone));
        }
        Ok(placed)
    }

    fn place_ends(&self, start: &Point, end: &Point) -> Result<Placed, Problem> {
        match (start, end) {
            (Point::Day(start), Point::Day(end)) => self.place_days(*start, *end),
            (Point::Time(start_wall, start_clock), Point::Time(end_wall, end_clock)) => {
                let length = end_clock.instant_of(*end_wall) - start_clock.instant_of(*start_wall);
                self.check_length(length)?;
                Ok(Placed {
                    start: start.clone(),
                    end: end.clone(),
                    problem: None,
                })
            }
            _ => {
                let mut placed = self.place_days(start.date(self.house), end.date(self.house))?;
                placed.problem = placed.problem.or(Some(Problem::MixedTypes));
                Ok(placed)
            }
        }
    }

    fn place_length(&self, start: &Point, length: Duration) -> Result<Placed, Problem> {
        self.check_length(length)?;
        match start {
            Point::Day(day) => {
                // Part of a day is a night all the same.
                let days = Duration::days((length.whole_seconds() + 86_399).div_euclid(86_400));
                self.place_days(*day, day.checked_add(days).ok_or(Problem::TooLong)?)
            }
            Point::Time(wall, clock) => {
                let end = wall.checked_add(length).ok_or(Problem::TooLong)?;
                Ok(Placed {
                    start: start.clone(),
                    end: Point::Time(end, clock.clone()),
                    problem: None,
                })
            }
        }
    }

    fn place_days(&self, start: Date, end: Date) -> Result<Placed, Problem> {
        self.check_length(end - start)?;
        if start == end {
            return one_night(start, Some(Problem::EndIsStart));
        }
        Ok(Placed {
            start: Point::Day(start),
            end: Point::Day(end),
            problem: None,
        })
    }

    fn check_length(&self, length: Duration) -> Result<(), Problem> {
        if length.is_negative() {
            return Err(Problem::EndBeforeStart);
        }
        if self.longest < length {
            Err(Problem::TooLong)
        } else {
            Ok(())
        }
    }
}

fn one_night(start: Date, problem: Option<Problem>) -> Result<Placed, Problem> {
    let end = start.next_day().ok_or(Problem::TooLong)?;
    Ok(Placed {
        start: Point::Day(start),
        end: Point::Day(end),
        problem,
    })
}

/// The days that an OTA meant by times at midnight in UTC.
fn days_in_disguise(start: &Moment, end: &End) -> Option<(Date, Date)> {
    let start = utc_midnight(start.written)?;
    let end = match end {
        End::At(end) => utc_midnight(end.written)?,
        End::After(WrittenDuration::Exactly(length)) if length.whole_seconds() % 86_400 == 0 => {
            start.checked_add(*length)?
        }
        End::After(_) | End::Untold | End::Unreadable => return None,
    };
    Some((start, end))
}

fn utc_midnight(written: Written) -> Option<Date> {
    match written {
        Written::Utc(wall) if wall.time() == Time::MIDNIGHT => Some(wall.date()),
        _ => None,
    }
}
