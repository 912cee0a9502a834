//! What this service does by the clock.

use std::sync::Arc;
use std::time::Duration;

use service::background::Background;
use service::jobs::{self, Nudge};

use crate::state::AppState;
use crate::use_cases::announce_again::announce_again;

/// How often the sweep looks for deliveries that nobody has worked on.
const SWEEP: Duration = Duration::from_secs(20);

/// Starts the jobs.
pub(crate) fn start(background: &Background, state: &Arc<AppState>) {
    let state = state.clone();
    jobs::every(
        background,
        "announce deliveries again",
        SWEEP,
        Nudge::new(),
        move || {
            let state = state.clone();
            async move { announce_again(&state).await.map(drop) }
        },
    );
}
