//! Settings: read once, from the environment, named in errors.
//!
//! A section is a struct whose field names are the variables in lower case (`http_port` is `HTTP_PORT`) and whose
//! serde defaults are the defaults. An empty variable counts as absent. Do not use `#[serde(flatten)]`: load each
//! section by itself.

use std::collections::HashMap;
use std::time::Duration;

use config::{Config, ConfigError, Environment};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A setting that stops the start. It names the variable and never shows its content.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A variable without default is not set.
    #[error("{0} is not set")]
    Missing(String),
    /// A variable has a value that does not fit.
    #[error("{variable} is unusable: expected {expected}")]
    Unusable {
        /// The variable's name.
        variable: String,
        /// What would fit.
        expected: &'static str,
    },
    /// The environment could not be read at all.
    #[error("the environment could not be read")]
    Environment,
}

/// Reads the section `T` from the environment.
///
/// # Errors
///
/// [`SettingsError`] that names the missing or unusable variable.
pub fn load<T: DeserializeOwned>() -> Result<T, SettingsError> {
    read(Environment::default())
}

/// Reads the section `T` from `variables` instead of the environment, for tests.
///
/// # Errors
///
/// [`SettingsError`] that names the missing or unusable variable.
pub fn load_from<T: DeserializeOwned>(variables: &[(&str, &str)]) -> Result<T, SettingsError> {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read(Environment::default().source(Some(variables)))
}

fn read<T: DeserializeOwned>(environment: Environment) -> Result<T, SettingsError> {
    // Values stay text until a field asks for a number: a token of digits must not lose its zeros.
    let config = Config::builder()
        .add_source(environment.ignore_empty(true))
        .build()
        .map_err(|error| named(&error))?;
    config.try_deserialize().map_err(|error| named(&error))
}

fn named(error: &ConfigError) -> SettingsError {
    match error {
        ConfigError::NotFound(key) => SettingsError::Missing(key.to_uppercase()),
        ConfigError::Type {
            key: Some(key),
            expected,
            ..
        } => SettingsError::Unusable {
            variable: key.to_uppercase(),
            expected,
        },
        ConfigError::At { key: Some(key), .. } => SettingsError::Unusable {
            variable: key.to_uppercase(),
            expected: "another form",
        },
        ConfigError::At { error, .. } => named(error),
        ConfigError::Message(text) => {
            let name = text
                .strip_prefix("missing field `")
                .and_then(|rest| rest.split('`').next());
            match name {
                Some(name) => SettingsError::Missing(name.to_uppercase()),
                None => SettingsError::Environment,
            }
        }
        _ => SettingsError::Environment,
    }
}

/// The HTTP server of a service.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct HttpSettings {
    /// `HTTP_HOST`: the address to listen on.
    pub http_host: String,
    /// `HTTP_PORT`: the port to listen on; 0 takes a free one. Each service has its own default.
    pub http_port: Option<u16>,
    /// `HTTP_WORKERS`: threads that serve requests. One by default: a request and the database connection that it uses
    /// then live on one thread, and neither has to wake the other.
    pub http_workers: Option<usize>,
    /// `HTTP_MAX_CONNECTIONS`: open connections per worker.
    pub http_max_connections: usize,
    /// `HTTP_HEADER_TIMEOUT_SECONDS`: how long a client may take to send its headers.
    pub http_header_timeout_seconds: u64,
    /// `HTTP_BODY_TIMEOUT_SECONDS`: how long a client may take to send its body.
    pub http_body_timeout_seconds: u64,
    /// `HTTP_KEEP_ALIVE_SECONDS`: how long an idle connection stays; longer than our clients keep theirs.
    pub http_keep_alive_seconds: u64,
    /// `HTTP_BODY_LIMIT_BYTES`: the largest body, where a route has no limit of its own.
    pub http_body_limit_bytes: usize,
    /// `HTTP_DRAIN_WAIT_MILLISECONDS`: between `/readyz` failing and no longer accepting, so that probers notice.
    pub http_drain_wait_milliseconds: u64,
    /// `HTTP_SHUTDOWN_SECONDS`: how long requests, and then background work, may take to finish; each half of it.
    pub http_shutdown_seconds: u64,
    /// `HTTP_HSTS`: send `Strict-Transport-Security`; only behind TLS.
    pub http_hsts: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            http_host: "127.0.0.1".to_owned(),
            http_port: None,
            http_workers: None,
            http_max_connections: 2_048,
            http_header_timeout_seconds: 5,
            http_body_timeout_seconds: 10,
            http_keep_alive_seconds: 75,
            http_body_limit_bytes: 256 * 1024,
            http_drain_wait_milliseconds: 1_000,
            http_shutdown_seconds: 18,
            http_hsts: false,
        }
    }
}

impl HttpSettings {
    /// Reads the section; `port` is the service's default.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] that names the unusable variable.
    pub fn load(port: u16) -> Result<Self, SettingsError> {
        let settings: Self = load()?;
        Ok(Self {
            http_port: settings.http_port.or(Some(port)),
            ..settings
        })
    }

    /// As many threads, unless `HTTP_WORKERS` says otherwise.
    #[must_use]
    pub fn or_workers(self, workers: usize) -> Self {
        Self {
            http_workers: self.http_workers.or(Some(workers)),
            ..self
        }
    }

    /// Loopback, a free port, no waiting at the end: for tests.
    #[must_use]
    pub fn for_tests() -> Self {
        Self {
            http_port: Some(0),
            http_drain_wait_milliseconds: 0,
            ..Self::default()
        }
    }

    pub(crate) const fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.http_body_timeout_seconds)
    }
}

/// Logs and traces of a service.
#[derive(Debug, Clone, Deserialize)]
pub struct TelemetrySettings {
    /// `LOG_FORMAT`: `json` (default) or `text`.
    #[serde(default)]
    pub log_format: LogFormat,
    /// `RUST_LOG`: which log lines are written.
    #[serde(default)]
    pub rust_log: String,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces are sent, if anywhere.
    pub otel_exporter_otlp_endpoint: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For machines.
    #[default]
    Json,
    /// For people.
    Text,
}

/// What services share with each other.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct InternalSettings {
    /// `INTERNAL_API_TOKEN`: what one service shows to another. Unset: internal routes answer 503.
    pub internal_api_token: Option<SecretString>,
}

/// Reads a list separated by commas or blanks, for a field with `#[serde(deserialize_with = "…")]`.
///
/// # Errors
///
/// The deserializer's, if the value is no text.
pub fn list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    Ok(parts.map(str::to_owned).collect())
}
