//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The settings of `payments`; `HTTP_*` and `INTERNAL_API_TOKEN` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `AMQP_URL`.
    pub amqp_url: SecretString,
    /// `PUBLIC_BASE_URL`: where guests and Mercado Pago reach us.
    #[serde(default = "public_base_url")]
    pub public_base_url: Url,
    /// `MERCADOPAGO_BASE_URL`.
    #[serde(default = "mercadopago_base_url")]
    pub mercadopago_base_url: Url,
    /// `MERCADOPAGO_ACCESS_TOKEN`. Unset: nobody can pay, and all else runs.
    pub mercadopago_access_token: Option<SecretString>,
    /// `MERCADOPAGO_COLLECTOR_ID`: our account; money in another one is not ours. Unset: not checked.
    pub mercadopago_collector_id: Option<String>,
    /// `MERCADOPAGO_ATTEMPT_TIMEOUT_MILLISECONDS`: how long one attempt of a call may take.
    #[serde(default = "attempt_timeout_milliseconds")]
    pub mercadopago_attempt_timeout_milliseconds: u64,
    /// `MERCADOPAGO_CALL_TIMEOUT_MILLISECONDS`: how long a call may take, with its repetitions.
    #[serde(default = "call_timeout_milliseconds")]
    pub mercadopago_call_timeout_milliseconds: u64,
    /// `MERCADOPAGO_CIRCUIT_OPEN_SECONDS`: how long a provider that does not answer is left alone.
    #[serde(default = "circuit_open_seconds")]
    pub mercadopago_circuit_open_seconds: u64,
    /// `PAYMENT_LINK_WAIT_MILLISECONDS`: how long a guest waits for a link before hearing "later".
    #[serde(default = "link_wait_milliseconds")]
    pub payment_link_wait_milliseconds: u64,
    /// `PAYMENT_POLL_SECONDS`: how often the provider is asked about an open link.
    #[serde(default = "poll_seconds")]
    pub payment_poll_seconds: u32,
    /// `PAYMENT_POLL_NEAR_END_SECONDS`: how often in the last minutes of a hold.
    #[serde(default = "poll_near_end_seconds")]
    pub payment_poll_near_end_seconds: u32,
    /// `PAYMENT_JOB_TICK_MILLISECONDS`: how often the jobs look for work.
    #[serde(default = "job_tick_milliseconds")]
    pub payment_job_tick_milliseconds: u64,
    /// `RECONCILE_MINUTES`: how often recent payments are compared with the provider's.
    #[serde(default = "reconcile_minutes")]
    pub reconcile_minutes: u32,
}

fn public_base_url() -> Url {
    known("http://127.0.0.1:8000")
}

fn mercadopago_base_url() -> Url {
    known("https://api.mercadopago.com")
}

#[expect(clippy::expect_used, reason = "constants that parse")]
fn known(url: &str) -> Url {
    Url::parse(url).expect("a constant url")
}

fn attempt_timeout_milliseconds() -> u64 {
    8_000
}

fn call_timeout_milliseconds() -> u64 {
    20_000
}

fn circuit_open_seconds() -> u64 {
    30
}

fn link_wait_milliseconds() -> u64 {
    4_000
}

fn poll_seconds() -> u32 {
    180
}

fn poll_near_end_seconds() -> u32 {
    20
}

fn job_tick_milliseconds() -> u64 {
    5_000
}

fn reconcile_minutes() -> u32 {
    10
}
