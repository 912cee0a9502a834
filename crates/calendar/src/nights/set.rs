//! A set of nights, kept as sorted ranges that neither overlap nor touch.

use std::fmt;

use time::Date;

use super::Nights;

/// The union of any number of ranges of nights.
///
/// Two sets with the same nights are equal, however they were put together.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct NightSet {
    ranges: Vec<Nights>,
}

impl NightSet {
    /// The ranges in order; between two of them at least one night is free.
    #[must_use]
    pub fn ranges(&self) -> &[Nights] {
        &self.ranges
    }

    /// Whether no night is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many nights are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|range| u64::from(range.count())).sum()
    }

    /// Whether the night that begins on `date` is in it.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        let later = self.ranges.partition_point(|range| range.end() <= date);
        self.ranges.get(later).is_some_and(|range| range.contains(date))
    }

    /// Whether every night of `nights` is in it.
    #[must_use]
    pub fn covers(&self, nights: Nights) -> bool {
        let at = self.ranges.partition_point(|range| range.end() <= nights.start());
        self.ranges
            .get(at)
            .is_some_and(|range| range.start() <= nights.start() && nights.end() <= range.end())
    }

    /// Whether any night of `nights` is in it.
    #[must_use]
    pub fn overlaps(&self, nights: Nights) -> bool {
        let at = self.ranges.partition_point(|range| range.end() <= nights.start());
        self.ranges.get(at).is_some_and(|range| range.overlaps(nights))
    }

    /// The nights that are in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.ranges.iter().chain(&other.ranges).copied().collect()
    }

    /// The nights that are in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        let mut takers = other.ranges.iter().peekable();
        for range in &self.ranges {
            while takers.next_if(|taker| taker.end() <= range.start()).is_some() {}
            let mut rest = Some(*range);
            while let Some(left) = rest {
                let Some(taker) = takers.peek().filter(|taker| taker.overlaps(left)) else {
                    break;
                };
                ranges.extend(left.before(taker.start()));
                rest = left.from(taker.end());
                if rest.is_some() {
                    takers.next();
                }
            }
            ranges.extend(rest);
        }
        Self { ranges }
    }

    /// The nights of it that begin on `date` or later.
    #[must_use]
    pub fn from(&self, date: Date) -> Self {
        Self {
            ranges: self.ranges.iter().filter_map(|range| range.from(date)).collect(),
        }
    }

    /// The nights in order.
    pub fn iter(&self) -> impl Iterator<Item = Date> {
        self.ranges.iter().flat_map(|range| range.iter())
    }
}

impl FromIterator<Nights> for NightSet {
    fn from_iter<I: IntoIterator<Item = Nights>>(nights: I) -> Self {
        let mut sorted: Vec<Nights> = nights.into_iter().collect();
        sorted.sort_unstable();
        let mut ranges: Vec<Nights> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match ranges.last_mut() {
                Some(last) if last.touches(next) => last.end = last.end.max(next.end),
                _ => ranges.push(next),
            }
        }
        Self { ranges }
    }
}

impl fmt::Debug for NightSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(&self.ranges).finish()
    }
}
