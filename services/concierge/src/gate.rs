//! Whether anything is sent now: Meta's refusals of us, its wish to be left alone, and its silence stop everything for
//! a while, and then one message tries.

use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};
use whatsapp::action::Action;
use whatsapp::client::{SendError, Sent};

/// How many messages are sent at once.
const BATCH: i64 = 10;

/// How many calls in a row may stay without an answer before Meta is left alone.
const SILENT_CALLS: u32 = 5;

/// How long a Meta that does not answer is left alone.
const SILENCE: Duration = Duration::seconds(30);

/// How long nothing is sent after Meta refused us; a person has to act.
const REFUSAL: Duration = Duration::minutes(1);

/// How long nothing is sent if Meta does not say how long it wants to be left alone.
const BACK_OFF: Duration = Duration::minutes(5);
const THROUGHPUT: Duration = Duration::seconds(2);

/// Why nothing, or only one message, is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The access token is not accepted.
    Token,
    /// A permission is missing.
    Permission,
    /// The account is restricted.
    Restriction,
    /// The calls are used up.
    Exhausted,
    /// Too many messages a second; a matter of seconds.
    Throughput,
    /// Calls stay without an answer.
    Silent,
}

#[derive(Debug, Default)]
struct State {
    closed: Option<Closed>,
    until: Option<OffsetDateTime>,
    silent_calls: u32,
}

/// The gate of one process; replicas learn by themselves.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<State>);

impl Gate {
    /// How many messages may be sent at `now`.
    pub(crate) fn permits(&self, now: OffsetDateTime) -> i64 {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (state.closed, state.until) {
            (Some(_), Some(until)) if now < until => 0,
            (Some(_), _) => 1,
            (None, _) => BATCH,
        }
    }

    /// Why the gate is closed, also while one message tries.
    pub(crate) fn closed(&self) -> Option<Closed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    /// Learns from a call that ended at `now`.
    pub(crate) fn note(&self, result: &Result<Sent, SendError>, now: OffsetDateTime) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((closed, pause)) = reason(result) else {
            *state = State::default();
            return;
        };
        if closed == Closed::Silent {
            state.silent_calls = state.silent_calls.saturating_add(1);
            if state.silent_calls < SILENT_CALLS && state.closed != Some(Closed::Silent) {
                return;
            }
        }
        if state.closed != Some(closed) {
            announce(closed);
        }
        state.closed = Some(closed);
        state.until = Some(now + pause);
    }
}

/// Why this result closes the gate, and for how long; `None` if Meta answered, whatever it said about the message.
fn reason(result: &Result<Sent, SendError>) -> Option<(Closed, Duration)> {
    let refused = match result {
        Ok(_) | Err(SendError::Callback) => return None,
        Err(SendError::NotSent(_) | SendError::Unknown(_) | SendError::Wordless { .. }) => {
            return Some((Closed::Silent, SILENCE));
        }
        Err(SendError::Refused(refused)) => refused,
    };
    let asked = |usual| {
        let asked = refused.retry_after.and_then(|wait| Duration::try_from(wait).ok());
        asked.unwrap_or(usual)
    };
    match refused.action() {
        Action::StopForToken => Some((Closed::Token, REFUSAL)),
        Action::StopForPermission => Some((Closed::Permission, REFUSAL)),
        Action::StopForRestriction => Some((Closed::Restriction, REFUSAL)),
        Action::BackOff => Some((Closed::Exhausted, asked(BACK_OFF))),
        Action::Throughput => Some((Closed::Throughput, asked(THROUGHPUT))),
        Action::Transient => Some((Closed::Silent, SILENCE)),
        _ => None,
    }
}

fn announce(closed: Closed) {
    match closed {
        Closed::Token | Closed::Permission | Closed::Restriction => {
            tracing::error!(reason = ?closed, "WhatsApp refuses us: messages to guests wait until a person has acted");
        }
        Closed::Exhausted | Closed::Silent => {
            tracing::warn!(reason = ?closed, "WhatsApp takes nothing now: messages to guests wait");
        }
        Closed::Throughput => {
            tracing::info!("WhatsApp takes fewer messages a second: they wait for some seconds");
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use whatsapp::client::{GraphError, MessageStatus};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn refused(code: i64, retry_after: Option<u64>) -> Result<Sent, SendError> {
        Err(SendError::Refused(GraphError {
            status: 400,
            code,
            transient: false,
            details: String::new(),
            trace: String::new(),
            retry_after: retry_after.map(std::time::Duration::from_secs),
        }))
    }

    fn taken() -> Sent {
        Sent {
            message_id: "wamid.x".to_owned(),
            wa_id: None,
            status: MessageStatus::Accepted,
        }
    }

    #[test]
    fn a_refused_token_stops_everything_until_one_message_went_through() {
        let gate = Gate::default();
        gate.note(&refused(190, None), NOW);
        assert_eq!((gate.permits(NOW), gate.closed()), (0, Some(Closed::Token)));
        let later = NOW + REFUSAL;
        assert_eq!(gate.permits(later), 1);
        gate.note(&Ok(taken()), later);
        assert_eq!((gate.permits(later), gate.closed()), (BATCH, None));
    }

    #[test]
    fn silence_closes_it_only_after_some_calls_in_a_row() {
        let gate = Gate::default();
        let silent = || Err(SendError::Wordless { status: 502 });
        for _ in 1..SILENT_CALLS {
            gate.note(&silent(), NOW);
        }
        gate.note(&Ok(taken()), NOW);
        for _ in 1..SILENT_CALLS {
            gate.note(&silent(), NOW);
            assert_eq!(gate.permits(NOW), BATCH);
        }
        gate.note(&silent(), NOW);
        assert_eq!((gate.permits(NOW), gate.closed()), (0, Some(Closed::Silent)));
        assert_eq!(gate.permits(NOW + SILENCE), 1);
        gate.note(&silent(), NOW + SILENCE);
        assert_eq!(gate.permits(NOW + SILENCE), 0);
    }

    #[test]
    fn it_stays_closed_as_long_as_meta_asks() {
        let gate = Gate::default();
        gate.note(&refused(130_429, Some(7)), NOW);
        assert_eq!(gate.permits(NOW + Duration::seconds(6)), 0);
        assert_eq!(gate.permits(NOW + Duration::seconds(7)), 1);
        let gate = Gate::default();
        gate.note(&refused(80_007, None), NOW);
        assert_eq!(gate.permits(NOW + BACK_OFF - Duration::SECOND), 0);
    }

    #[test]
    fn a_refusal_of_one_message_closes_nothing() {
        for code in [131_026, 131_047, 131_050, 131_056, 132_000, 999_999] {
            let gate = Gate::default();
            gate.note(&refused(code, None), NOW);
            assert_eq!((gate.permits(NOW), gate.closed()), (BATCH, None), "{code}");
        }
    }
}
