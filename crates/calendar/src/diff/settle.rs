//! Where a block ends up when its event says other nights: the past does not change.

use time::{Date, Duration};

use crate::Nights;

/// Where a matched block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It keeps its identity, with these nights.
    InPlace(Nights),
    /// It ends today, and the event is another stay later.
    Apart,
}

/// The nights of a block of which the feed now says `now`; both reach beyond `today`.
///
/// A stay in progress keeps the nights gone by, and tonight, even where a channel moves the start on day by day
/// (its today may be one ahead of the house's).
pub(super) fn nights(before: Nights, now: Nights, today: Date) -> Settled {
    let is_in_progress = before.start() < today;
    let start = if is_in_progress {
        if today
            .checked_add(Duration::DAY)
            .is_some_and(|tomorrow| tomorrow < now.start())
        {
            return Settled::Apart;
        }
        before.start()
    } else {
        now.start().max(today)
    };
    Nights::new(start, now.end()).map_or(Settled::Apart, Settled::InPlace)
}
