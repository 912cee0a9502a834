//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;

/// The settings of `webhooks`; `HTTP_*` and `INTERNAL_API_TOKEN` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `AMQP_URL`.
    pub amqp_url: SecretString,
    /// `WHATSAPP_APP_SECRET`: signs Meta's deliveries. Unset: they are answered 503.
    pub whatsapp_app_secret: Option<SecretString>,
    /// `WHATSAPP_VERIFY_TOKEN`: what Meta's handshake must show. Unset: it is answered 503.
    pub whatsapp_verify_token: Option<SecretString>,
    /// `MERCADOPAGO_WEBHOOK_SECRET`: signs Mercado Pago's webhooks. Unset: they are answered 503.
    pub mercadopago_webhook_secret: Option<SecretString>,
    /// `MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS`: the one before it, while the panel's reset spreads.
    pub mercadopago_webhook_secret_previous: Option<SecretString>,
    /// `WEBHOOK_HINT_WINDOW_SECONDS`: within one window, an unsigned hint about the same resource counts once.
    #[serde(default = "hint_window_seconds")]
    pub webhook_hint_window_seconds: u32,
    /// `WEBHOOK_HINTS_PER_SECOND`: unsigned hints kept a second and process; more are answered and forgotten.
    #[serde(default = "hints_per_second")]
    pub webhook_hints_per_second: u32,
    /// `WEBHOOK_STORE_TIMEOUT_MILLISECONDS`: how long PostgreSQL may take before a delivery goes to RabbitMQ.
    #[serde(default = "store_timeout_milliseconds")]
    pub webhook_store_timeout_milliseconds: u64,
    /// `WEBHOOK_DELIVERIES_KEPT_DAYS`: how long a delivery is kept that has been dealt with; it holds people's words.
    #[serde(default = "deliveries_kept_days")]
    pub webhook_deliveries_kept_days: u16,
}

fn hint_window_seconds() -> u32 {
    10
}

fn hints_per_second() -> u32 {
    50
}

fn store_timeout_milliseconds() -> u64 {
    1_500
}

fn deliveries_kept_days() -> u16 {
    90
}
