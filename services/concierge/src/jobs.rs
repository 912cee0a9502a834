//! What this service does by the clock.

use std::sync::Arc;
use std::time::Duration;

use service::background::Background;
use service::jobs::{self, Nudge};

use crate::state::AppState;
use crate::use_cases::send_due::send_due;
use crate::use_cases::tell_missed::tell_missed;

/// Starts the jobs: `tick` is how often due messages are looked for, `sweep` how often what no event queued.
pub(crate) fn start(background: &Background, state: &Arc<AppState>, tick: Duration, sweep: Duration) {
    let shared = state.clone();
    jobs::every(background, "send messages", tick, state.due.clone(), move || {
        let state = shared.clone();
        async move { send_due(&state).await }
    });
    let shared = state.clone();
    jobs::every(
        background,
        "tell what was missed",
        sweep,
        Nudge::new(),
        move || {
            let state = shared.clone();
            async move { tell_missed(&state).await }
        },
    );
}
