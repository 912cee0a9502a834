//! What this service does by the clock.

use std::sync::Arc;
use std::time::Duration;

use service::background::Background;
use service::jobs::{self, Nudge};

use crate::state::AppState;
use crate::use_cases::send_due::send_due;
use crate::use_cases::tell_unasked::{confirm_missed, remind};

/// Starts the jobs: `tick` is how often due messages are looked for, `sweep` how often guests whom no event tells.
pub(crate) fn start(background: &Background, state: &Arc<AppState>, tick: Duration, sweep: Duration) {
    let shared = state.clone();
    jobs::every(background, "send messages", tick, state.due.clone(), move || {
        let state = shared.clone();
        async move { send_due(&state).await }
    });
    let shared = state.clone();
    jobs::every(
        background,
        "confirm what was missed",
        sweep,
        Nudge::new(),
        move || {
            let state = shared.clone();
            async move { confirm_missed(&state).await }
        },
    );
    let shared = state.clone();
    jobs::every(background, "remind guests", sweep, Nudge::new(), move || {
        let state = shared.clone();
        async move { remind(&state).await }
    });
}
