//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;

/// The gateway's settings; `HTTP_*` and `INTERNAL_API_TOKEN` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`: for the accounts of staff.
    pub database_url: SecretString,
    /// `REDIS_URL`: for rate limits.
    pub redis_url: SecretString,
    /// `RESERVATIONS_URL`.
    #[serde(default = "reservations_url")]
    pub reservations_url: String,
    /// `WEBHOOKS_URL`.
    #[serde(default = "webhooks_url")]
    pub webhooks_url: String,
    /// `PAYMENTS_URL`.
    #[serde(default = "payments_url")]
    pub payments_url: String,
    /// `ICAL_SYNC_URL`.
    #[serde(default = "ical_sync_url")]
    pub ical_sync_url: String,
    /// `CONCIERGE_URL`.
    #[serde(default = "concierge_url")]
    pub concierge_url: String,
    /// `JWT_SECRET`: signs staff tokens; without it nobody can log in.
    pub jwt_secret: Option<SecretString>,
    /// `STAFF_TOKEN_MINUTES`: how long a login lasts.
    #[serde(default = "staff_token_minutes")]
    pub staff_token_minutes: u32,
    /// `TRUSTED_PROXIES`: networks (`10.0.0.0/8,::1/128`) whose `X-Forwarded-For` is believed.
    #[serde(default, deserialize_with = "service::settings::list")]
    pub trusted_proxies: Vec<String>,
    /// `RATE_LIMIT_READS`: reads a minute and address.
    #[serde(default = "rate_limit_reads")]
    pub rate_limit_reads: u32,
    /// `RATE_LIMIT_WRITES`: holds, cancellations and payment links a minute and address.
    #[serde(default = "rate_limit_writes")]
    pub rate_limit_writes: u32,
    /// `RATE_LIMIT_STAFF`: calls of the staff API a minute and address.
    #[serde(default = "rate_limit_staff")]
    pub rate_limit_staff: u32,
    /// `RATE_LIMIT_FEEDS`: exported calendars a minute and address; a channel reads them all from a few.
    #[serde(default = "rate_limit_feeds")]
    pub rate_limit_feeds: u32,
    /// `RATE_LIMIT_WEBHOOKS`: deliveries a minute and address; only against abuse.
    #[serde(default = "rate_limit_webhooks")]
    pub rate_limit_webhooks: u32,
    /// `LOGIN_ATTEMPTS_PER_ACCOUNT`: failed ones in a quarter of an hour.
    #[serde(default = "login_attempts_per_account")]
    pub login_attempts_per_account: u32,
    /// `LOGIN_ATTEMPTS_PER_ADDRESS`: failed ones in a quarter of an hour.
    #[serde(default = "login_attempts_per_address")]
    pub login_attempts_per_address: u32,
    /// `INVARIANTS_SECONDS`: between two counts of what must never be.
    #[serde(default = "invariants_seconds")]
    pub invariants_seconds: u32,
}

fn reservations_url() -> String {
    "http://127.0.0.1:8001".to_owned()
}

fn webhooks_url() -> String {
    "http://127.0.0.1:8002".to_owned()
}

fn payments_url() -> String {
    "http://127.0.0.1:8003".to_owned()
}

fn ical_sync_url() -> String {
    "http://127.0.0.1:8004".to_owned()
}

fn concierge_url() -> String {
    "http://127.0.0.1:8005".to_owned()
}

fn staff_token_minutes() -> u32 {
    480
}

fn rate_limit_reads() -> u32 {
    1_200
}

fn rate_limit_writes() -> u32 {
    300
}

fn rate_limit_staff() -> u32 {
    1_200
}

fn rate_limit_feeds() -> u32 {
    6_000
}

fn rate_limit_webhooks() -> u32 {
    60_000
}

fn login_attempts_per_account() -> u32 {
    5
}

fn login_attempts_per_address() -> u32 {
    30
}

fn invariants_seconds() -> u32 {
    60
}
