//! The service `ical-sync`, asked over its internal API.

use anyhow::{Context as _, bail};
use reqwest::{Client, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::settings;

/// A preview waits for the other side, for at most half a minute.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(40);

#[derive(Deserialize)]
struct Settings {
    #[serde(default = "ical_sync_url")]
    ical_sync_url: String,
    internal_api_token: SecretString,
}

fn ical_sync_url() -> String {
    "http://127.0.0.1:8004".to_owned()
}

/// The way to it.
pub(super) struct IcalSync {
    settings: Settings,
    client: Client,
    actor: String,
}

impl IcalSync {
    pub(super) fn new() -> anyhow::Result<Self> {
        service::start::install_crypto();
        Ok(Self {
            settings: settings::load()?,
            client: Client::builder().timeout(TIMEOUT).no_proxy().build()?,
            actor: "system:alojactl".to_owned(),
        })
    }

    pub(super) fn on_behalf_of(self, actor: &str) -> Self {
        Self {
            actor: actor.to_owned(),
            ..self
        }
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::DELETE, path, None).await
    }

    /// Its answer; what it refuses is told in its own words.
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let base = self.settings.ical_sync_url.trim_end_matches('/');
        let mut request = self
            .client
            .request(method, format!("{base}/internal/v1{path}"))
            .header(
                "x-internal-token",
                self.settings.internal_api_token.expose_secret(),
            )
            .header("x-actor", &self.actor);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(reqwest::Error::without_url);
        let answer = answer
            .context("no se puede llegar a ical-sync; ¿está en marcha, y es correcta ICAL_SYNC_URL?")?;
        let status = answer.status();
        let text = answer.text().await.map_err(reqwest::Error::without_url)?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(value);
        }
        let said = ["detail", "title"]
            .iter()
            .find_map(|name| value.get(*name)?.as_str());
        bail!(
            "ical-sync lo rechaza ({}): {}",
            status.as_u16(),
            said.unwrap_or("sin decir por qué")
        )
    }
}
