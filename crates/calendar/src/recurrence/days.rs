//! A cheap look ahead: whether any day of a window can be an instance at all.

use time::{Date, Duration, Month};

use super::Rule;

/// Whether some day from `first` to `last` passes the rule's filters on days, each taken alone.
///
/// `false` is certain. `true` is not: ordinals, positions and intervals are left to the real expansion.
pub(super) fn any_fits(rule: &Rule, first: Date, last: Date) -> bool {
    if !rule.has_day_filters() {
        return true;
    }
    // What fits at all fits within four years, leap day included; a century without one makes it eight.
    let span = (last - first).whole_days().clamp(0, 8 * 366);
    (0..=span)
        .filter_map(|day| first.checked_add(Duration::days(day)))
        .any(|date| fits(rule, date))
}

fn fits(rule: &Rule, date: Date) -> bool {
    let ordinal = i32::from(date.ordinal());
    let days_in_year = i32::from(time::util::days_in_year(date.year()));
    let day = i32::from(date.day());
    let days_in_month = i32::from(date.month().length(date.year()));
    admits(&rule.by_month, |month| {
        Month::try_from(*month) == Ok(date.month())
    }) && admits(&rule.by_month_day, |wanted| {
        is_nth(i32::from(*wanted), day, days_in_month)
    }) && admits(&rule.by_year_day, |wanted| {
        is_nth(i32::from(*wanted), ordinal, days_in_year)
    }) && admits(&rule.by_day, |(_, weekday)| *weekday == date.weekday())
}

fn admits<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

/// Whether `wanted` (counted from 1, or backwards from −1) is the place `at` of `of`.
fn is_nth(wanted: i32, at: i32, of: i32) -> bool {
    wanted == at || wanted == at - of - 1
}
