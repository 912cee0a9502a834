//! The value of an RRULE, read without trust.

use std::str::FromStr;

use chrono::DateTime;
use rrule::{NWeekday, RRule, RRuleSet, Tz};
use time::{Duration, PrimitiveDateTime, Weekday};

use crate::parse::value::{self, Written};

/// The most times of day at which one day may repeat; more is no calendar but an attack.
const TIMES_OF_DAY: usize = 24;

/// How far apart the periods of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
}

/// The last moment of a rule, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The whole day counts.
    Day(time::Date),
    /// On the clock of the start.
    Wall(PrimitiveDateTime),
    /// In UTC.
    Utc(PrimitiveDateTime),
}

/// A rule whose lists are bounded and free of repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u16,
    pub(crate) count: Option<u32>,
    pub(crate) until: Option<Until>,
    pub(crate) week_start: Weekday,
    pub(crate) by_month: Vec<u8>,
    pub(crate) by_month_day: Vec<i8>,
    pub(crate) by_year_day: Vec<i16>,
    pub(crate) by_week_no: Vec<i8>,
    /// Each with its ordinal; 0 is every one.
    pub(crate) by_day: Vec<(i16, Weekday)>,
    pub(crate) by_hour: Vec<u8>,
    pub(crate) by_minute: Vec<u8>,
    pub(crate) by_second: Vec<u8>,
    pub(crate) by_set_pos: Vec<i32>,
}

/// Why a rule is not expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is not an RRULE of RFC 5545.
    #[error("unreadable recurrence rule")]
    Unreadable,
    /// It repeats every minute, or more than 24 times on one day.
    #[error("recurrence rule with too many instances in a day")]
    TooBusy,
}

impl Until {
    /// On the clock on the wall, taking that for UTC.
    pub(crate) fn wall(self) -> PrimitiveDateTime {
        match self {
            Self::Day(day) => PrimitiveDateTime::new(day, value::LAST_SECOND),
            Self::Wall(wall) | Self::Utc(wall) => wall,
        }
    }
}

impl Rule {
    pub(crate) fn parse(text: &str) -> Result<Self, RuleError> {
        let mut rule = Self {
            frequency: Frequency::Yearly,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Monday,
            by_month: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week_no: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_second: Vec::new(),
            by_set_pos: Vec::new(),
        };
        let mut has_frequency = false;
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(RuleError::Unreadable)?;
            let name = name.trim().to_ascii_uppercase();
            has_frequency |= name == "FREQ";
            rule.set(&name, value.trim())?;
        }
        if !has_frequency || rule.interval == 0 || rule.count == Some(0) {
            return Err(RuleError::Unreadable);
        }
        rule.check_times_of_day()?;
        rule.drop_meaningless_ordinals();
        Ok(rule)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), RuleError> {
        match name {
            "FREQ" => self.frequency = frequency(value)?,
            // A longer interval than the type holds never comes round inside a horizon of years.
            "INTERVAL" => self.interval = u16::try_from(number(value)?).unwrap_or(u16::MAX),
            "COUNT" => self.count = Some(number(value)?),
            "UNTIL" => self.until = Some(until(value)?),
            "WKST" => self.week_start = weekday(value)?,
            "BYMONTH" => self.by_month = numbers(value)?,
            "BYMONTHDAY" => self.by_month_day = numbers(value)?,
            "BYYEARDAY" => self.by_year_day = numbers(value)?,
            "BYWEEKNO" => self.by_week_no = numbers(value)?,
            "BYHOUR" => self.by_hour = numbers(value)?,
            "BYMINUTE" => self.by_minute = numbers(value)?,
            "BYSECOND" => self.by_second = numbers(value)?,
            "BYSETPOS" => self.by_set_pos = numbers(value)?,
            "BYDAY" => self.by_day = distinct(list(value, weekday_with_ordinal)?),
            // RSCALE, SKIP and X- parts: nothing that we know how to follow.
            _ => {}
        }
        Ok(())
    }

    /// Whether it looks at more of a day than its distance from the start.
    pub(super) fn has_day_filters(&self) -> bool {
        !(self.by_month.is_empty()
            && self.by_month_day.is_empty()
            && self.by_year_day.is_empty()
            && self.by_day.is_empty())
    }

    /// A start nearer to `from` that gives the same instances from there on.
    ///
    /// Rules with a COUNT keep their start, since every instance counts; months and years are few.
    pub(super) fn forwarded(&self, start: PrimitiveDateTime, from: PrimitiveDateTime) -> PrimitiveDateTime {
        let unit = match self.frequency {
            Frequency::Weekly => Duration::WEEK,
            Frequency::Daily => Duration::DAY,
            Frequency::Hourly => Duration::HOUR,
            Frequency::Yearly | Frequency::Monthly => return start,
        };
        if self.count.is_some() || from <= start {
            return start;
        }
        let step = (unit * i32::from(self.interval)).whole_seconds();
        let steps = (from - start).whole_seconds() / step;
        // One period is kept in hand: BYDAY and BYHOUR reach before the day and hour of the start.
        let back = Duration::seconds(steps.saturating_sub(1).saturating_mul(step));
        start.checked_add(back).unwrap_or(start)
    }

    /// The same rule in the words of the `rrule` crate.
    pub(super) fn build(&self, start: DateTime<Tz>) -> Result<RRuleSet, RuleError> {
        let frequency = match self.frequency {
            Frequency::Yearly => rrule::Frequency::Yearly,
            Frequency::Monthly => rrule::Frequency::Monthly,
            Frequency::Weekly => rrule::Frequency::Weekly,
            Frequency::Daily => rrule::Frequency::Daily,
            Frequency::Hourly => rrule::Frequency::Hourly,
        };
        let mut rule = RRule::new(frequency)
            .interval(self.interval)
            .week_start(to_chrono(self.week_start))
            .by_month(&self.months()?)
            .by_month_day(self.by_month_day.clone())
            .by_year_day(self.by_year_day.clone())
            .by_week_no(self.by_week_no.clone())
            .by_weekday(self.by_day.iter().map(|day| to_n_weekday(*day)).collect())
            .by_hour(self.by_hour.clone())
            .by_minute(self.by_minute.clone())
            .by_second(self.by_second.clone())
            .by_set_pos(self.by_set_pos.clone());
        if let Some(count) = self.count {
            rule = rule.count(count);
        }
        match rule.build(start) {
            Ok(set) => Ok(set.limit()),
            Err(_) => Err(RuleError::Unreadable),
        }
    }

    fn months(&self) -> Result<Vec<chrono::Month>, RuleError> {
        let months = self
            .by_month
            .iter()
            .map(|month| chrono::Month::try_from(*month).ok());
        months.collect::<Option<_>>().ok_or(RuleError::Unreadable)
    }

    fn check_times_of_day(&self) -> Result<(), RuleError> {
        let hours = if self.frequency == Frequency::Hourly {
            1
        } else {
            self.by_hour.len().max(1)
        };
        let times = [self.by_minute.len().max(1), self.by_second.len().max(1)];
        let times = times.into_iter().fold(hours, usize::saturating_mul);
        if TIMES_OF_DAY < times {
            Err(RuleError::TooBusy)
        } else {
            Ok(())
        }
    }

    /// Ordinals on BYDAY have a meaning only inside months and years (RFC 5545, 3.3.10).
    fn drop_meaningless_ordinals(&mut self) {
        let has_meaning = match self.frequency {
            Frequency::Monthly => true,
            Frequency::Yearly => self.by_week_no.is_empty(),
            Frequency::Weekly | Frequency::Daily | Frequency::Hourly => false,
        };
        if !has_meaning {
            for (ordinal, _) in &mut self.by_day {
                *ordinal = 0;
            }
            self.by_day = distinct(std::mem::take(&mut self.by_day));
        }
    }
}

fn frequency(value: &str) -> Result<Frequency, RuleError> {
    match value.to_ascii_uppercase().as_str() {
        "YEARLY" => Ok(Frequency::Yearly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "WEEKLY" => Ok(Frequency::Weekly),
        "DAILY" => Ok(Frequency::Daily),
        "HOURLY" => Ok(Frequency::Hourly),
        "MINUTELY" | "SECONDLY" => Err(RuleError::TooBusy),
        _ => Err(RuleError::Unreadable),
    }
}

fn until(value: &str) -> Result<Until, RuleError> {
    match value::written(value) {
        Some(Written::Day(day)) => Ok(Until::Day(day)),
        Some(Written::Wall(wall)) => Ok(Until::Wall(wall)),
        Some(Written::Utc(wall)) => Ok(Until::Utc(wall)),
        None => Err(RuleError::Unreadable),
    }
}

/// A number without a sign; one that the type cannot hold is the largest that it can.
fn number(value: &str) -> Result<u32, RuleError> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RuleError::Unreadable);
    }
    Ok(value.parse().unwrap_or(u32::MAX))
}

fn numbers<T: FromStr + Ord + Copy>(value: &str) -> Result<Vec<T>, RuleError> {
    let mut numbers = list(value, |item| item.strip_prefix('+').unwrap_or(item).parse().ok())?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, RuleError> {
    let items = value.split(',').map(|item| read(item.trim()));
    items.collect::<Option<_>>().ok_or(RuleError::Unreadable)
}

fn distinct(mut days: Vec<(i16, Weekday)>) -> Vec<(i16, Weekday)> {
    let key = |(ordinal, weekday): &(i16, Weekday)| (*ordinal, weekday.number_from_monday());
    days.sort_by_key(key);
    days.dedup_by_key(|day| key(day));
    days
}

fn weekday_with_ordinal(item: &str) -> Option<(i16, Weekday)> {
    let at = item.len().checked_sub(2)?;
    let (ordinal, name) = item.split_at_checked(at)?;
    let ordinal = if ordinal.is_empty() {
        0
    } else {
        let ordinal: i16 = ordinal.strip_prefix('+').unwrap_or(ordinal).parse().ok()?;
        (ordinal != 0).then_some(ordinal)?
    };
    Some((ordinal, weekday(name).ok()?))
}

fn weekday(name: &str) -> Result<Weekday, RuleError> {
    match name.to_ascii_uppercase().as_str() {
        "MO" => Ok(Weekday::Monday),
        "TU" => Ok(Weekday::Tuesday),
        "WE" => Ok(Weekday::Wednesday),
        "TH" => Ok(Weekday::Thursday),
        "FR" => Ok(Weekday::Friday),
        "SA" => Ok(Weekday::Saturday),
        "SU" => Ok(Weekday::Sunday),
        _ => Err(RuleError::Unreadable),
    }
}

fn to_n_weekday((ordinal, weekday): (i16, Weekday)) -> NWeekday {
    let ordinal = (ordinal != 0).then_some(ordinal);
    NWeekday::new(ordinal, to_chrono(weekday))
}

fn to_chrono(weekday: Weekday) -> chrono::Weekday {
    chrono::Weekday::try_from(weekday.number_days_from_monday()).unwrap_or(chrono::Weekday::Mon)
}
