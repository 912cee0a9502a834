//! What handlers, consumers and jobs share.

use domain::reservation::Actor;
use secrecy::{ExposeSecret, SecretString};
use service::clock::Clock;
use service::guest_token::GuestTokens;
use service::jobs::Nudge;
use storage::{Context, Database};
use time::Duration;
use url::Url;
use uuid::Uuid;
use whatsapp::Client;

use crate::gate::Gate;
use crate::metrics::Metrics;

/// What the service works with.
pub(crate) struct AppState {
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    pub(crate) metrics: Metrics,
    /// WhatsApp; `None` without credentials, and then messages wait.
    pub(crate) client: Option<Client>,
    /// Which of our numbers is ours; what is for another one is not.
    pub(crate) phone_number_id: Option<String>,
    pub(crate) gate: Gate,
    pub(crate) sending: SendingSettings,
    pub(crate) tokens: GuestTokens,
    pub(crate) public_base_url: Url,
    /// Wakes the job that sends.
    pub(crate) due: Nudge,
}

/// How messages are sent.
#[derive(Debug, Clone)]
pub(crate) struct SendingSettings {
    /// How long a call may take.
    pub(crate) timeout: Duration,
    /// How long a status is waited for after a call without an answer.
    pub(crate) grace: Duration,
    /// How long before the end of the 24 hours only templates are sent.
    pub(crate) window_margin: Duration,
    /// The language of our templates.
    pub(crate) template_language: String,
}

impl AppState {
    /// A change by this service, now, in the trace of whatever is being worked on.
    pub(crate) fn context(&self) -> Context {
        let traceparent = telemetry::trace::current_traceparent();
        Context::new(self.clock.now(), Actor::System("concierge"), traceparent)
    }

    /// The page of a stay with its guest's token, which opens it. The fragment stays in the guest's browser.
    pub(crate) fn manage_link(&self, reservation: Uuid, code: &str) -> SecretString {
        let token = self.tokens.of(reservation);
        let base = self.public_base_url.as_str().trim_end_matches('/');
        SecretString::from(format!("{base}/reservas/{code}#{}", token.expose_secret()))
    }
}
