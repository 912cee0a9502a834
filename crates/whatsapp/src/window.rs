//! The 24 hours in which we may write freely.

use time::{Duration, OffsetDateTime};

/// How long after a guest's message anything may be said. Templates of ours do not extend it.
///
/// Source: Meta's customer service window.
pub const WINDOW: Duration = Duration::hours(24);

/// Whether anything may be said at `now`, with a safety margin for clocks and queues.
///
/// `last` is the guest's latest message by its own timestamp. Outside only templates go; Meta's own judgment
/// (error 131047) stands above ours.
#[must_use]
pub fn is_open(last: Option<OffsetDateTime>, now: OffsetDateTime, margin: Duration) -> bool {
    last.is_some_and(|last| now < last.saturating_add(WINDOW).saturating_sub(margin))
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::is_open;

    #[test]
    fn it_is_open_for_a_day_less_the_margin() {
        let last = datetime!(2026-03-01 12:00 UTC);
        let open = |now, margin| is_open(Some(last), now, Duration::minutes(margin));
        assert!(open(datetime!(2026-03-02 11:59:59 UTC), 0));
        assert!(!open(datetime!(2026-03-02 12:00 UTC), 0));
        assert!(!open(datetime!(2026-03-02 11:55 UTC), 5));
        assert!(open(datetime!(2026-03-02 11:54:59 UTC), 5));
    }

    #[test]
    fn a_guest_who_never_wrote_has_no_window() {
        assert!(!is_open(None, datetime!(2026-03-01 12:00 UTC), Duration::ZERO));
    }
}
