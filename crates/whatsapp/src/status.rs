//! How far a message of ours has come: statuses arrive late, twice and in any order.

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not sent yet.
    Queued,
    /// Sent, without an answer: it may have arrived.
    Unknown,
    /// The API took it.
    Accepted,
    /// It left Meta.
    Sent,
    /// It is on the guest's phone.
    Delivered,
    /// The guest has seen it.
    Read,
    /// The guest has heard it.
    Played,
    /// It will not arrive.
    Failed,
}

impl Status {
    /// Every status, in their order; `Failed` stands outside of it.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Unknown,
        Self::Accepted,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Failed,
    ];

    /// The name, which is also the provider's word for those that it reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }

    /// The status that the provider reports by `word`; `None` for `deleted`, `warning` and what is yet to come.
    #[must_use]
    pub fn reported(word: &str) -> Option<Self> {
        [
            Self::Sent,
            Self::Delivered,
            Self::Read,
            Self::Played,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Unknown => 1,
            Self::Accepted => 2,
            Self::Sent => 3,
            Self::Delivered => 4,
            Self::Read => 5,
            Self::Played => 6,
            Self::Failed => 7,
        }
    }
}

/// What a status does to a message. It is recorded in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The message stands there now.
    Applied,
    /// It is old news.
    Recorded,
    /// It says that a message failed which had arrived: a person should know.
    Contradicts,
}

/// What `incoming` does to a message that stands at `current`.
///
/// Steps may be missing (`read` without `delivered`); a failed message stays failed.
#[must_use]
pub fn effect(current: Status, incoming: Status) -> Effect {
    match (current, incoming) {
        (Status::Failed, _) => Effect::Recorded,
        (Status::Delivered | Status::Read | Status::Played, Status::Failed) => Effect::Contradicts,
        _ if current.rank() < incoming.rank() => Effect::Applied,
        _ => Effect::Recorded,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Effect, Status, effect};

    fn run(updates: &[Status]) -> Status {
        updates.iter().fold(Status::Queued, |current, incoming| {
            match effect(current, *incoming) {
                Effect::Applied => *incoming,
                Effect::Recorded | Effect::Contradicts => current,
            }
        })
    }

    fn any_status() -> impl Strategy<Value = Status> {
        prop::sample::select(Status::ALL.to_vec())
    }

    #[test]
    fn the_rules_of_the_contract() {
        let cases = [
            (Status::Accepted, Status::Read, Effect::Applied),
            (Status::Read, Status::Delivered, Effect::Recorded),
            (Status::Read, Status::Played, Effect::Applied),
            (Status::Sent, Status::Failed, Effect::Applied),
            (Status::Unknown, Status::Sent, Effect::Applied),
            (Status::Sent, Status::Accepted, Effect::Recorded),
            (Status::Failed, Status::Delivered, Effect::Recorded),
            (Status::Delivered, Status::Failed, Effect::Contradicts),
        ];
        for (current, incoming, expected) in cases {
            assert_eq!(effect(current, incoming), expected, "{current:?} {incoming:?}");
        }
    }

    #[test]
    fn words_of_old_and_of_the_future_are_no_status() {
        for word in ["deleted", "warning", "queued", "accepted", "unknown", "", "Sent"] {
            assert_eq!(Status::reported(word), None, "{word}");
        }
        assert_eq!(Status::reported("played"), Some(Status::Played));
    }

    proptest! {
        #[test]
        fn without_a_failure_order_and_repetition_do_not_matter(
            updates in prop::collection::vec(any_status(), 0..12).prop_shuffle(),
        ) {
            let good: Vec<Status> = updates.into_iter().filter(|status| *status != Status::Failed).collect();
            let highest = Status::ALL.into_iter().rfind(|status| good.contains(status));
            prop_assert_eq!(run(&good), highest.unwrap_or(Status::Queued));
            prop_assert_eq!(run(&[good.clone(), good.clone()].concat()), run(&good));
        }

        #[test]
        fn nothing_moves_back_and_nothing_leaves_failed(
            before in prop::collection::vec(any_status(), 0..8),
            after in prop::collection::vec(any_status(), 0..8),
        ) {
            let (early, late) = (run(&before), run(&[before, after].concat()));
            prop_assert!(early.rank() <= late.rank());
            prop_assert!(early != Status::Failed || late == Status::Failed);
        }

        #[test]
        fn what_has_arrived_never_fails(updates in prop::collection::vec(any_status(), 0..8)) {
            let arrived = [vec![Status::Delivered], updates].concat();
            prop_assert_ne!(run(&arrived), Status::Failed);
        }
    }
}
