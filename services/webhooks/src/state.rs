//! What handlers, consumers and jobs share.

use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use mercadopago::signature::Secrets;
use messaging::Publisher;
use secrecy::SecretString;
use service::clock::Clock;
use storage::{Context, Database};

use crate::group::Group;
use crate::metrics::Metrics;
use domain::reservation::Actor;

/// What the service works with.
pub(crate) struct AppState {
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    /// Stores deliveries.
    pub(crate) group: Group,
    /// Where deliveries go while PostgreSQL is away.
    pub(crate) fallback: Publisher,
    pub(crate) metrics: Metrics,
    /// Signs Meta's deliveries; without it none is believed.
    pub(crate) whatsapp_app_secret: Option<SecretString>,
    /// What Meta's handshake shows.
    pub(crate) whatsapp_verify_token: Option<SecretString>,
    /// Sign Mercado Pago's webhooks; without them none is believed.
    pub(crate) mercadopago: Option<Secrets>,
    /// Unsigned hints cost a read at the provider, and anybody can send them.
    pub(crate) hints: DefaultDirectRateLimiter,
    pub(crate) hint_window_seconds: i64,
    pub(crate) store_timeout: Duration,
    /// How long a delivery is kept that has been dealt with.
    pub(crate) kept_for: time::Duration,
}

impl AppState {
    /// A change by this service, now, in the trace of whatever is being worked on.
    pub(crate) fn context(&self) -> Context {
        let traceparent = telemetry::trace::current_traceparent();
        Context::new(self.clock.now(), Actor::System("webhooks"), traceparent)
    }
}

/// So many a second, and as many at once.
pub(crate) fn per_second(count: u32) -> DefaultDirectRateLimiter {
    let count = std::num::NonZeroU32::new(count).unwrap_or(std::num::NonZeroU32::MIN);
    RateLimiter::direct(Quota::per_second(count))
}
