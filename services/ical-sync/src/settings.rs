//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;

/// The service's settings; `HTTP_*` and `INTERNAL_API_TOKEN` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `AMQP_URL`.
    pub amqp_url: SecretString,
    /// `PUBLIC_BASE_URL`: where channels read our calendars.
    #[serde(default = "public_base_url")]
    pub public_base_url: String,
    /// `ICAL_UID_DOMAIN`: the domain of our UIDs, by which we know our own events again.
    #[serde(default = "ical_uid_domain")]
    pub ical_uid_domain: String,
    /// `ICAL_ALLOWED_HOSTS`: `host:port` that may be read although private, over http; for the sandbox only.
    #[serde(default, deserialize_with = "service::settings::list")]
    pub ical_allowed_hosts: Vec<String>,
    /// `ICAL_SYNC_MINUTES`: how often a feed is read, before jitter.
    #[serde(default = "ical_sync_minutes")]
    pub ical_sync_minutes: u32,
    /// `ICAL_STALE_MINUTES`: from which age on a feed is stale.
    #[serde(default = "ical_stale_minutes")]
    pub ical_stale_minutes: i64,
    /// `ICAL_RECHECK_MINUTES`: from which age on a feed is read again before nights of its lodging are held.
    #[serde(default = "ical_recheck_minutes")]
    pub ical_recheck_minutes: i64,
    /// `ICAL_FETCH_SECONDS`: how long the fetch of one feed may take; below 120 seconds, since it is taken for 150.
    #[serde(default = "ical_fetch_seconds")]
    pub ical_fetch_seconds: u64,
    /// `ICAL_EXPORT_MILLISECONDS`: how long an export is shown again before the database is looked at.
    #[serde(default = "ical_export_milliseconds")]
    pub ical_export_milliseconds: u64,
    /// `ICAL_AT_ONCE`: how many feeds are read at a time.
    #[serde(default = "ical_at_once")]
    pub ical_at_once: usize,
    /// `ICAL_HOST_AT_ONCE`: how many of them from one host.
    #[serde(default = "ical_host_at_once")]
    pub ical_host_at_once: u32,
    /// `ICAL_HOST_PER_MINUTE`: how many feeds are read from one host in a minute.
    #[serde(default = "ical_host_per_minute")]
    pub ical_host_per_minute: u32,
    /// `DATABASE_CONNECTIONS`: the most connections that this process opens.
    #[serde(default = "database_connections")]
    pub database_connections: usize,
}

fn public_base_url() -> String {
    "http://127.0.0.1:8000".to_owned()
}

fn ical_uid_domain() -> String {
    "alojamientos.example".to_owned()
}

fn ical_sync_minutes() -> u32 {
    15
}

fn ical_stale_minutes() -> i64 {
    40
}

fn ical_recheck_minutes() -> i64 {
    5
}

fn ical_fetch_seconds() -> u64 {
    30
}

fn ical_export_milliseconds() -> u64 {
    1_000
}

fn ical_at_once() -> usize {
    32
}

fn ical_host_at_once() -> u32 {
    8
}

fn ical_host_per_minute() -> u32 {
    240
}

fn database_connections() -> usize {
    10
}
