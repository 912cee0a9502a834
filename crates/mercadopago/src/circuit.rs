//! The circuit breaker: a provider that does not answer is left alone for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use failsafe::{Instrument, StateMachine};

/// Whether calls go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// They do.
    Closed,
    /// They do, and the first answer decides.
    HalfOpen,
    /// They are refused on our side.
    Open,
}

/// Counts failures in a row and opens after some of them; any answer at all closes it again.
pub(crate) struct Breaker {
    machine: StateMachine<ConsecutiveFailures<Constant>, Light>,
    light: Light,
}

impl Breaker {
    pub(crate) fn new(failures: u32, open_for: Duration) -> Self {
        let light = Light::default();
        let policy = consecutive_failures(failures.max(1), constant(open_for));
        Self {
            machine: StateMachine::new(policy, light.clone()),
            light,
        }
    }

    /// Whether a call may go out now; an open circuit whose time is over becomes half open.
    pub(crate) fn permits(&self) -> bool {
        self.machine.is_call_permitted()
    }

    /// The provider answered, whatever it said.
    pub(crate) fn answered(&self) {
        self.machine.on_success();
    }

    /// The provider did not answer, or only that it cannot.
    pub(crate) fn failed(&self) {
        self.machine.on_error();
    }

    pub(crate) fn state(&self) -> Circuit {
        match self.light.0.load(Ordering::Relaxed) {
            Light::OPEN => Circuit::Open,
            Light::HALF_OPEN => Circuit::HalfOpen,
            _ => Circuit::Closed,
        }
    }
}

/// The state as last reported by the library, which does not tell it on request.
#[derive(Clone, Default)]
struct Light(Arc<AtomicU8>);

impl Light {
    const CLOSED: u8 = 0;
    const HALF_OPEN: u8 = 1;
    const OPEN: u8 = 2;
}

impl Instrument for Light {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.0.store(Self::OPEN, Ordering::Relaxed);
    }

    fn on_half_open(&self) {
        self.0.store(Self::HALF_OPEN, Ordering::Relaxed);
    }

    fn on_closed(&self) {
        self.0.store(Self::CLOSED, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Breaker, Circuit};

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_does_not() {
        let breaker = Breaker::new(2, Duration::from_hours(1));
        breaker.failed();
        breaker.answered();
        breaker.failed();
        assert_eq!((breaker.permits(), breaker.state()), (true, Circuit::Closed));
        breaker.failed();
        assert_eq!((breaker.permits(), breaker.state()), (false, Circuit::Open));
    }

    #[test]
    fn after_its_time_one_answer_closes_it_and_one_failure_opens_it() {
        let breaker = Breaker::new(1, Duration::ZERO);
        breaker.failed();
        assert_eq!(breaker.state(), Circuit::Open);
        assert!(breaker.permits());
        assert_eq!(breaker.state(), Circuit::HalfOpen);
        breaker.failed();
        assert_eq!(breaker.state(), Circuit::Open);
        assert!(breaker.permits());
        breaker.answered();
        assert_eq!(breaker.state(), Circuit::Closed);
    }
}
