//! What follows from one sending: pure, so that every answer of Meta's can be tried.

use time::Duration;
use whatsapp::action::{Action, pair_wait};
use whatsapp::client::{MessageStatus, SendError, Sent};

/// How long a message is tried that Meta cannot take or may not have taken.
const TRY_FOR: Duration = Duration::days(3);

/// How often a message is sent that fails by a code that we do not know.
pub(crate) const UNKNOWN_CODE_TRIES: u32 = 5;

/// The wait after the first failure, doubled with each further one.
const FIRST_WAIT: Duration = Duration::seconds(2);
const LONGEST_WAIT: Duration = Duration::minutes(10);

/// How long a message waits that only a person can get through.
const UNTIL_A_PERSON_ACTS: Duration = Duration::minutes(1);
const AFTER_SPAM_LIMIT: Duration = Duration::minutes(10);

/// What is known of the message that was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    /// How often it has been sent, this time included.
    pub(crate) attempts: u32,
    /// How long ago it was queued.
    pub(crate) age: Duration,
    /// How long a status is waited for after a call without an answer.
    pub(crate) grace: Duration,
    /// Whether it went out as a template.
    pub(crate) as_template: bool,
}

/// What becomes of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Meta took it.
    Accepted(Sent),
    /// It surely did not go out: again after this wait.
    Again { cause: &'static str, wait: Duration },
    /// The guest gets too much: everything for this guest waits.
    GuestWaits { cause: &'static str, wait: Duration },
    /// It may have gone out: a status may prove it within this wait, otherwise it is sent again.
    MaybeSent { cause: &'static str, wait: Duration },
    /// At once as a template.
    AsTemplate,
    /// No more.
    GiveUp { cause: &'static str },
}

/// What `result` asks for.
pub(crate) fn judge(result: Result<Sent, SendError>, sending: Sending) -> Verdict {
    let error = match result {
        Ok(sent) if sent.status == MessageStatus::Paused => {
            return Verdict::GiveUp {
                cause: "template_paused",
            };
        }
        Ok(sent) => return Verdict::Accepted(sent),
        Err(error) => error,
    };
    let cause = error.outcome().as_str();
    if TRY_FOR < sending.age {
        return Verdict::GiveUp { cause };
    }
    match error {
        SendError::NotSent(_) => Verdict::Again {
            cause,
            wait: wait(sending.attempts),
        },
        SendError::Unknown(_) | SendError::Wordless { .. } => Verdict::MaybeSent {
            cause,
            wait: sending.grace.max(wait(sending.attempts)),
        },
        SendError::Callback => Verdict::GiveUp { cause },
        SendError::Refused(refused) => {
            let asked = refused.retry_after.and_then(|wait| Duration::try_from(wait).ok());
            refusal(refused.action(), asked, sending)
        }
    }
}

fn refusal(action: Action, asked: Option<Duration>, sending: Sending) -> Verdict {
    let cause = action.as_str();
    let again = |wait| Verdict::Again { cause, wait };
    let usual = wait(sending.attempts);
    match action {
        Action::StopForToken | Action::StopForPermission | Action::StopForRestriction => {
            again(UNTIL_A_PERSON_ACTS)
        }
        Action::StopMarketing => again(AFTER_SPAM_LIMIT),
        Action::BackOff | Action::Throughput | Action::Transient => {
            again(asked.map_or(usual, |asked| asked.max(usual)))
        }
        Action::PairRate => Verdict::GuestWaits {
            cause,
            wait: guest_wait(sending.attempts),
        },
        Action::NeedsTemplate if !sending.as_template => Verdict::AsTemplate,
        Action::Unknown { transient: true } if sending.attempts < UNKNOWN_CODE_TRIES => again(usual),
        Action::NeedsTemplate
        | Action::Unknown { .. }
        | Action::Undeliverable
        | Action::Declined
        | Action::NotAllowed
        | Action::NeedsPhone
        | Action::OurBug => Verdict::GiveUp { cause },
    }
}

/// How long a message waits after it failed for the `attempts`-th time.
pub(crate) fn wait(attempts: u32) -> Duration {
    let doubled = 2_i32.saturating_pow(attempts.saturating_sub(1).min(20));
    (FIRST_WAIT.checked_mul(doubled).unwrap_or(LONGEST_WAIT)).min(LONGEST_WAIT)
}

/// How long a guest is left alone after this many refusals of the pair rate.
pub(crate) fn guest_wait(attempts: u32) -> Duration {
    Duration::try_from(pair_wait(attempts)).unwrap_or(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use whatsapp::client::GraphError;

    use super::*;

    const SENDING: Sending = Sending {
        attempts: 1,
        age: Duration::ZERO,
        grace: Duration::MINUTE,
        as_template: false,
    };

    fn refused(code: i64, transient: bool) -> Result<Sent, SendError> {
        Err(SendError::Refused(GraphError {
            status: 400,
            code,
            transient,
            details: String::new(),
            trace: String::new(),
            retry_after: None,
        }))
    }

    #[test]
    fn every_code_of_the_contract_has_its_consequence() {
        let again = |cause, seconds| Verdict::Again {
            cause,
            wait: Duration::seconds(seconds),
        };
        let give_up = |cause| Verdict::GiveUp { cause };
        let cases = [
            (190, again("stop_for_token", 60)),
            (10, again("stop_for_permission", 60)),
            (368, again("stop_for_restriction", 60)),
            (131_048, again("stop_marketing", 600)),
            (80_007, again("back_off", 2)),
            (130_429, again("throughput", 2)),
            (131_000, again("transient", 2)),
            (131_047, Verdict::AsTemplate),
            (131_026, give_up("undeliverable")),
            (131_049, give_up("declined")),
            (131_050, give_up("declined")),
            (131_030, give_up("not_allowed")),
            (131_062, give_up("needs_phone")),
            (132_001, give_up("our_bug")),
            (999_999, give_up("unknown")),
        ];
        for (code, expected) in cases {
            assert_eq!(judge(refused(code, false), SENDING), expected, "{code}");
        }
        let pair = judge(refused(131_056, false), SENDING);
        assert_eq!(
            pair,
            Verdict::GuestWaits {
                cause: "pair_rate",
                wait: Duration::seconds(4)
            }
        );
        assert_eq!(
            judge(refused(999_999, true), SENDING),
            again("unknown_transient", 2)
        );
    }

    #[test]
    fn a_template_that_needs_a_template_is_given_up() {
        let sending = Sending {
            as_template: true,
            ..SENDING
        };
        let verdict = judge(refused(131_047, false), sending);
        assert_eq!(
            verdict,
            Verdict::GiveUp {
                cause: "needs_template"
            }
        );
    }

    #[test]
    fn what_may_have_gone_out_waits_for_its_status() {
        let verdict = judge(Err(SendError::Wordless { status: 502 }), SENDING);
        assert_eq!(
            verdict,
            Verdict::MaybeSent {
                cause: "unknown_outcome",
                wait: Duration::MINUTE
            }
        );
    }

    #[test]
    fn waits_grow_and_end() {
        let waits = [1, 2, 3, 9, 10, u32::MAX].map(|attempts| wait(attempts).whole_seconds());
        assert_eq!(waits, [2, 4, 8, 512, 600, 600]);
        let old = Sending {
            age: Duration::days(4),
            ..SENDING
        };
        assert_eq!(
            judge(refused(131_000, false), old),
            Verdict::GiveUp { cause: "transient" }
        );
    }
}
