//! What handlers, consumers and jobs share.

use std::time::Duration;

use domain::reservation::Actor;
use mercadopago::Client;
use service::clock::Clock;
use service::jobs::Nudge;
use storage::{Context, Database};
use url::Url;

use crate::metrics::Metrics;

/// What the service works with.
pub(crate) struct AppState {
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    pub(crate) metrics: Metrics,
    /// Mercado Pago; `None` without an access token, and then nobody can pay.
    pub(crate) provider: Option<Client>,
    /// Our account; money in another one is not ours.
    pub(crate) collector: Option<String>,
    pub(crate) public_base_url: Url,
    /// How long a guest waits for a link before hearing "later".
    pub(crate) link_wait: Duration,
    pub(crate) poll: PollSettings,
    /// Wakes the job that makes refunds.
    pub(crate) refunds_due: Nudge,
}

/// How often the provider is asked about open links.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PollSettings {
    pub(crate) every: time::Duration,
    pub(crate) every_near_end: time::Duration,
}

/// Nobody can pay: the provider's credentials are not set.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("payments are not configured")]
pub(crate) struct NotConfigured;

impl AppState {
    /// A change by this service, now, in the trace of whatever is being worked on.
    pub(crate) fn context(&self) -> Context {
        self.context_of(Actor::System("payments"))
    }

    /// A change by `actor`, now, in the trace of whatever is being worked on.
    pub(crate) fn context_of(&self, actor: Actor) -> Context {
        Context::new(self.clock.now(), actor, telemetry::trace::current_traceparent())
    }

    /// The provider, if it is configured.
    pub(crate) fn provider(&self) -> Result<&Client, NotConfigured> {
        self.provider.as_ref().ok_or(NotConfigured)
    }
}
