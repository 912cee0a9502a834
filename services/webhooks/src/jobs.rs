//! What this service does by the clock.

use std::sync::Arc;
use std::time::Duration;

use service::background::Background;
use service::jobs::{self, Nudge};

use crate::state::AppState;
use crate::use_cases::announce_again::announce_again;
use crate::use_cases::forget::forget;

/// How often the sweep looks for deliveries that nobody has worked on.
const SWEEP: Duration = Duration::from_secs(20);

/// How often old deliveries are forgotten.
const FORGET: Duration = Duration::from_hours(1);

/// Starts the jobs. Any number of replicas may run each.
pub(crate) fn start(background: &Background, state: &Arc<AppState>) {
    let sweeper = state.clone();
    jobs::every(
        background,
        "announce deliveries again",
        SWEEP,
        Nudge::new(),
        move || {
            let state = sweeper.clone();
            async move { announce_again(&state).await.map(drop) }
        },
    );
    let pruner = state.clone();
    jobs::every(background, "forget deliveries", FORGET, Nudge::new(), move || {
        let state = pruner.clone();
        async move { forget(&state).await }
    });
}
