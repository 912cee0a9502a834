//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The settings of `concierge`; `HTTP_*` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `AMQP_URL`.
    pub amqp_url: SecretString,
    /// `GUEST_TOKEN_SECRET`: what guests' access tokens are derived from; the same as in `reservations`.
    pub guest_token_secret: SecretString,
    /// `PUBLIC_BASE_URL`: where guests reach us.
    #[serde(default = "public_base_url")]
    pub public_base_url: Url,
    /// `WHATSAPP_BASE_URL`.
    #[serde(default = "whatsapp_base_url")]
    pub whatsapp_base_url: Url,
    /// `WHATSAPP_GRAPH_VERSION`; a version lives about two years.
    #[serde(default = "graph_version")]
    pub whatsapp_graph_version: String,
    /// `WHATSAPP_PHONE_NUMBER_ID`: which of our numbers sends. Unset: messages wait.
    pub whatsapp_phone_number_id: Option<String>,
    /// `WHATSAPP_ACCESS_TOKEN`. Unset: messages wait.
    pub whatsapp_access_token: Option<SecretString>,
    /// `WHATSAPP_TEMPLATE_LANGUAGE`: the language under which our templates are approved.
    #[serde(default = "template_language")]
    pub whatsapp_template_language: String,
    /// `WHATSAPP_DROPS_THE_NINE`: `true` only for Meta's test numbers, whose allow-list has Argentine mobiles so.
    #[serde(default)]
    pub whatsapp_drops_the_nine: bool,
    /// `WHATSAPP_TIMEOUT_MILLISECONDS`: how long a call may take.
    #[serde(default = "timeout_milliseconds")]
    pub whatsapp_timeout_milliseconds: u64,
    /// `WHATSAPP_GRACE_SECONDS`: how long a status is waited for when a call ended without an answer; then the message
    /// is sent again.
    #[serde(default = "grace_seconds")]
    pub whatsapp_grace_seconds: u32,
    /// `WHATSAPP_WINDOW_MARGIN_SECONDS`: how long before the end of the 24 hours only templates are sent.
    #[serde(default = "window_margin_seconds")]
    pub whatsapp_window_margin_seconds: u32,
    /// `MESSAGE_TICK_MILLISECONDS`: how often due messages are looked for; new ones are sent at once.
    #[serde(default = "tick_milliseconds")]
    pub message_tick_milliseconds: u64,
    /// `MESSAGE_SWEEP_SECONDS`: how often holds that end soon, and confirmed stays whose guest was not told, are looked
    /// for.
    #[serde(default = "sweep_seconds")]
    pub message_sweep_seconds: u64,
}

fn public_base_url() -> Url {
    known("http://127.0.0.1:8000")
}

fn whatsapp_base_url() -> Url {
    known("https://graph.facebook.com")
}

#[expect(clippy::expect_used, reason = "constants that parse")]
fn known(url: &str) -> Url {
    Url::parse(url).expect("a constant url")
}

fn graph_version() -> String {
    "v23.0".to_owned()
}

fn template_language() -> String {
    "es_AR".to_owned()
}

fn timeout_milliseconds() -> u64 {
    10_000
}

fn grace_seconds() -> u32 {
    60
}

fn window_margin_seconds() -> u32 {
    300
}

fn tick_milliseconds() -> u64 {
    1_000
}

fn sweep_seconds() -> u64 {
    60
}
