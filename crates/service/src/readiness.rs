//! Whether traffic should be sent here: the service's own state, never a dependency's.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the service and its `/readyz`. Ready when nothing is waited for and it is not draining.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<&'static str>,
    draining: bool,
}

impl Readiness {
    /// Not ready until [`done`](Self::done) is called for the same thing, for example `migrations`.
    pub fn wait_for(&self, what: &'static str) {
        self.state(|state| state.waiting.insert(what));
    }

    /// `what` has come; it is not asked for again.
    pub fn done(&self, what: &'static str) {
        self.state(|state| state.waiting.remove(what));
    }

    /// Never ready again: the service is about to stop.
    pub fn drain(&self) {
        self.state(|state| state.draining = true);
    }

    /// What stands in the way; empty when ready.
    #[must_use]
    pub fn obstacles(&self) -> Vec<&'static str> {
        self.state(|state| {
            let draining = state.draining.then_some("stopping");
            draining
                .into_iter()
                .chain(state.waiting.iter().copied())
                .collect()
        })
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
