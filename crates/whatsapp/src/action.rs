//! What an error code of the Graph API asks of us.
//!
//! The code decides, never the HTTP status nor the title. The same codes come at once, as an answer, and
//! later, in a `failed` status.

use std::time::Duration;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The token is invalid or expired: stop sending, keep the queue, somebody is told.
    StopForToken,
    /// A permission is missing: stop sending, keep the queue, somebody is told.
    StopForPermission,
    /// The account is restricted: stop sending, keep the queue, somebody is told.
    StopForRestriction,
    /// Spam or quality: stop what is not an answer to a guest, somebody is told.
    StopMarketing,
    /// The calls of the app or account are used up: everything waits, for minutes.
    BackOff,
    /// Too many messages a second: everything waits, for seconds.
    Throughput,
    /// Too many messages to one guest: only that guest waits, [`pair_wait`].
    PairRate,
    /// The guest last wrote more than 24 hours ago: send a template instead.
    NeedsTemplate,
    /// It cannot reach this guest: no repetition, another channel.
    Undeliverable,
    /// The guest does not want it, or has had enough of it: no repetition.
    Declined,
    /// The number is not on a test number's allow-list: a setting is wrong.
    NotAllowed,
    /// This kind of message needs the guest's phone number.
    NeedsPhone,
    /// The request or its template is wrong: dead-letter, somebody is told.
    OurBug,
    /// It may pass: repeat with growing waits.
    Transient,
    /// A code that we do not know: a few repetitions if Meta calls it transient, then dead-letter.
    Unknown {
        /// Whether Meta calls it transient.
        transient: bool,
    },
}

impl Action {
    /// Every action, so that each metric exists before its first event.
    pub const ALL: [Self; 16] = [
        Self::StopForToken,
        Self::StopForPermission,
        Self::StopForRestriction,
        Self::StopMarketing,
        Self::BackOff,
        Self::Throughput,
        Self::PairRate,
        Self::NeedsTemplate,
        Self::Undeliverable,
        Self::Declined,
        Self::NotAllowed,
        Self::NeedsPhone,
        Self::OurBug,
        Self::Transient,
        Self::Unknown { transient: true },
        Self::Unknown { transient: false },
    ];

    /// What `code` asks for; `transient` is Meta's own word, which counts only for codes that we do not know.
    #[must_use]
    pub fn of(code: i64, transient: bool) -> Self {
        match code {
            0 | 190 => Self::StopForToken,
            3 | 10 | 200..=299 | 131_005 => Self::StopForPermission,
            368 | 131_031 => Self::StopForRestriction,
            131_048 => Self::StopMarketing,
            4 | 80_007 => Self::BackOff,
            130_429 => Self::Throughput,
            131_056 => Self::PairRate,
            131_047 => Self::NeedsTemplate,
            131_026 => Self::Undeliverable,
            131_049 | 131_050 => Self::Declined,
            131_030 => Self::NotAllowed,
            131_062 => Self::NeedsPhone,
            100 | 131_008 | 131_009 | 131_051 | 132_000 | 132_001 | 132_012 | 132_015 | 132_016 => {
                Self::OurBug
            }
            1 | 2 | 131_000 | 131_016 | 131_057 => Self::Transient,
            _ => Self::Unknown { transient },
        }
    }

    /// A name for metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StopForToken => "stop_for_token",
            Self::StopForPermission => "stop_for_permission",
            Self::StopForRestriction => "stop_for_restriction",
            Self::StopMarketing => "stop_marketing",
            Self::BackOff => "back_off",
            Self::Throughput => "throughput",
            Self::PairRate => "pair_rate",
            Self::NeedsTemplate => "needs_template",
            Self::Undeliverable => "undeliverable",
            Self::Declined => "declined",
            Self::NotAllowed => "not_allowed",
            Self::NeedsPhone => "needs_phone",
            Self::OurBug => "our_bug",
            Self::Transient => "transient",
            Self::Unknown { transient: true } => "unknown_transient",
            Self::Unknown { transient: false } => "unknown",
        }
    }

    /// Whether nothing at all should be sent until a person has acted.
    #[must_use]
    pub fn stops_everything(self) -> bool {
        matches!(
            self,
            Self::StopForToken | Self::StopForPermission | Self::StopForRestriction
        )
    }

    /// Whether the same message to the same guest may go through later.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::BackOff | Self::Throughput | Self::PairRate | Self::Transient => true,
            Self::Unknown { transient } => transient,
            _ => false,
        }
    }
}

/// The wait before the next message to a guest after `refusals` pair-rate refusals in a row: 4ⁿ seconds, an
/// hour at most.
#[must_use]
pub fn pair_wait(refusals: u32) -> Duration {
    Duration::from_secs(4_u64.saturating_pow(refusals)).min(Duration::from_hours(1))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::{Action, pair_wait};

    #[test]
    fn the_table_of_the_contract() {
        let table: [(&[i64], Action); 14] = [
            (&[0, 190], Action::StopForToken),
            (&[3, 10, 200, 250, 299, 131_005], Action::StopForPermission),
            (&[4, 80_007], Action::BackOff),
            (&[130_429], Action::Throughput),
            (&[131_056], Action::PairRate),
            (&[131_048], Action::StopMarketing),
            (&[131_049, 131_050], Action::Declined),
            (&[131_047], Action::NeedsTemplate),
            (&[131_026], Action::Undeliverable),
            (&[131_030], Action::NotAllowed),
            (
                &[
                    131_051, 100, 131_008, 131_009, 132_000, 132_001, 132_012, 132_015, 132_016,
                ],
                Action::OurBug,
            ),
            (&[1, 2, 131_000, 131_016, 131_057], Action::Transient),
            (&[368, 131_031], Action::StopForRestriction),
            (&[131_062], Action::NeedsPhone),
        ];
        for (codes, expected) in table {
            for code in codes {
                assert_eq!(Action::of(*code, false), expected, "{code}");
                assert_eq!(Action::of(*code, true), expected, "{code}");
            }
        }
        for code in [-1, 5, 199, 300, 999_999, i64::MAX] {
            assert_eq!(Action::of(code, true), Action::Unknown { transient: true });
            assert_eq!(Action::of(code, false), Action::Unknown { transient: false });
        }
    }

    #[test]
    fn labels_are_distinct() {
        let labels: HashSet<_> = Action::ALL.into_iter().map(Action::as_str).collect();
        assert_eq!(labels.len(), Action::ALL.len());
    }

    #[test]
    fn a_guest_waits_longer_each_time_and_never_for_ever() {
        assert_eq!([0, 1, 2].map(pair_wait), [1, 4, 16].map(Duration::from_secs));
        assert_eq!(pair_wait(u32::MAX), Duration::from_hours(1));
    }
}
