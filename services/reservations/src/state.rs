//! What handlers, consumers and jobs share.

use domain::reservation::Actor;
use service::clock::Clock;
use service::guest_token::GuestTokens;
use storage::{Context, Database};

use crate::calendars::Calendars;
use crate::metrics::Metrics;
use crate::settings::Policy;
use crate::stay_hints::StayHints;

/// What the service works with.
pub(crate) struct AppState {
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    /// Stay locks in Redis.
    pub(crate) hints: StayHints,
    pub(crate) calendars: Calendars,
    pub(crate) tokens: GuestTokens,
    pub(crate) policy: Policy,
    pub(crate) metrics: Metrics,
}

impl AppState {
    /// A change by `actor`, now, in the trace of whatever is being worked on.
    pub(crate) fn context(&self, actor: Actor) -> Context {
        Context::new(self.clock.now(), actor, telemetry::trace::current_traceparent())
    }

    /// A change by this service itself.
    pub(crate) fn own_context(&self) -> Context {
        self.context(Actor::System("reservations"))
    }
}
