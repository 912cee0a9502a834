//! Recurrence rules, expanded inside a window by the `rrule` crate.
//!
//! The crate is never given more than it can finish: rules are read by [`Rule`] into bounded lists, reckoned on
//! the clock on the wall (so that no zone is involved), moved forward to the window where that changes nothing,
//! and every step is paid from a [`Budget`].

mod budget;
mod days;
mod rule;

pub(crate) use budget::Budget;
pub use rule::RuleError;
pub(crate) use rule::{Rule, Until};

use chrono::{DateTime, Utc};
use rrule::{RRuleSet, Tz};
use time::{Date, Duration, PrimitiveDateTime, Time};

/// The starts of a recurrence inside a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// In order, without repetition.
    pub starts: Vec<PrimitiveDateTime>,
    /// Whether a cap ended it before the window did.
    pub capped: bool,
}

/// Expands `rule` (the value of an RRULE) from `start` to the instances with `from <= instance < to`.
///
/// `start` itself always counts as an instance, also where the rule does not fit it. At most `most` instances are
/// given.
///
/// # Errors
///
/// [`RuleError`] if the rule cannot be read or asks for more than is sane.
pub fn expand(
    rule: &str,
    start: PrimitiveDateTime,
    (from, to): (PrimitiveDateTime, PrimitiveDateTime),
    most: u32,
) -> Result<Expansion, RuleError> {
    let rule = Rule::parse(rule)?;
    let until = rule.until.map(Until::wall);
    let window = Window { from, to, until };
    let mut expansion = instances(&rule, start, window, &mut Budget::new(most, most))?;
    if from <= start && start < to {
        expansion.starts.push(start);
        expansion.starts.sort_unstable();
        expansion.starts.dedup();
    }
    Ok(expansion)
}

/// How long the calendar takes to repeat itself, weekdays and leap years included: 400 years.
const CYCLE_DAYS: i64 = 146_097;
/// The year at which the `rrule` crate gives up.
const LAST_YEAR: i32 = 9_990;

/// What of a recurrence is of interest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// The first start that counts.
    pub(crate) from: PrimitiveDateTime,
    /// The first start that no longer counts.
    pub(crate) to: PrimitiveDateTime,
    /// The rule's own UNTIL on the clock of its start; an instance at that very time still counts.
    pub(crate) until: Option<PrimitiveDateTime>,
}

/// The instances that the rule itself makes inside the window, in order.
pub(crate) fn instances(
    rule: &Rule,
    start: PrimitiveDateTime,
    window: Window,
    budget: &mut Budget,
) -> Result<Expansion, RuleError> {
    let mut expansion = Expansion {
        starts: Vec::new(),
        capped: false,
    };
    let begin = rule.forwarded(start, window.from);
    let shift = shift(window.to);
    let set = rule.build(to_rrule(begin, shift).ok_or(RuleError::Unreadable)?)?;
    let last = window.until.unwrap_or(window.to).min(window.to);
    if last < window.from || last < start || !days::any_fits(rule, start.max(window.from).date(), last.date())
    {
        return Ok(expansion);
    }

    budget.begin_rule();
    let mut made = 0;
    for instance in iterate(&set) {
        made += 1;
        let Some(wall) = from_rrule(instance, shift) else {
            return Ok(expansion);
        };
        if last < wall || window.to <= wall {
            return Ok(expansion);
        }
        if !budget.pay_step() {
            expansion.capped = true;
            return Ok(expansion);
        }
        if window.from <= wall && expansion.starts.last() != Some(&wall) {
            expansion.starts.push(wall);
        }
    }
    // It ended by itself before the window did: either COUNT is used up, or it ran against the crate's limits.
    if rule.count.is_none_or(|count| made < count) {
        budget.pay_barren_rule();
    }
    Ok(expansion)
}

fn iterate(set: &RRuleSet) -> impl Iterator<Item = DateTime<Tz>> {
    set.into_iter()
}

/// By how many seconds to move everything into the future, so that a rule which never comes true soon reaches the
/// end of the crate's time instead of searching thousands of years.
fn shift(to: PrimitiveDateTime) -> i64 {
    let cycles = i64::from((LAST_YEAR - to.year()).max(0) / 400);
    Duration::days(cycles * CYCLE_DAYS).whole_seconds()
}

fn to_rrule(wall: PrimitiveDateTime, shift: i64) -> Option<DateTime<Tz>> {
    let seconds = wall.assume_utc().unix_timestamp().checked_add(shift)?;
    let utc = DateTime::<Utc>::from_timestamp(seconds, 0)?;
    Some(utc.with_timezone(&Tz::UTC))
}

fn from_rrule(instance: DateTime<Tz>, shift: i64) -> Option<PrimitiveDateTime> {
    let epoch = PrimitiveDateTime::new(Date::from_ordinal_date(1970, 1).ok()?, Time::MIDNIGHT);
    epoch.checked_add(Duration::seconds(instance.timestamp().checked_sub(shift)?))
}
