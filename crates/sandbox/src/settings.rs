//! What the environment says about the sandbox; the names are the ones the services use, so that both agree.

use std::{net::IpAddr, time::Duration};

use sandbox::{MercadoPagoOptions, Options, WhatsAppOptions};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The variables read; all of them may be absent, and then the sandbox accepts any token.
#[derive(Debug, Deserialize)]
struct Settings {
    /// `SANDBOX_HOST`: the address to listen on; only loopback is accepted.
    #[serde(default = "default_host")]
    sandbox_host: IpAddr,
    /// `SANDBOX_PORT`.
    #[serde(default = "default_port")]
    sandbox_port: u16,
    /// `SANDBOX_URL`: the address under which others reach it, for the links it hands out.
    sandbox_url: Option<Url>,
    /// `GATEWAY_URL`: where the WhatsApp callback lives unless it is set by itself.
    #[serde(default = "default_gateway")]
    gateway_url: Url,
    /// `SANDBOX_WHATSAPP_CALLBACK_URL`.
    sandbox_whatsapp_callback_url: Option<Url>,
    /// `SANDBOX_WHATSAPP_WINDOW`: `open` lets free text out at any time; anything else keeps the 24 h rule.
    sandbox_whatsapp_window: Option<String>,
    /// `SANDBOX_MERCADOPAGO_PANEL_URL`: where to notify when a preference names no `notification_url`.
    sandbox_mercadopago_panel_url: Option<Url>,
    /// `SANDBOX_RETRY_MS`: comma-separated waits between the attempts to deliver a webhook.
    sandbox_retry_ms: Option<String>,
    mercadopago_access_token: Option<SecretString>,
    mercadopago_webhook_secret: Option<SecretString>,
    mercadopago_collector_id: Option<u64>,
    whatsapp_access_token: Option<SecretString>,
    whatsapp_app_secret: Option<SecretString>,
    whatsapp_verify_token: Option<SecretString>,
    whatsapp_phone_number_id: Option<String>,
}

fn default_host() -> IpAddr {
    IpAddr::from([127, 0, 0, 1])
}

fn default_port() -> u16 {
    8100
}

#[expect(clippy::expect_used, reason = "a constant that parses")]
fn default_gateway() -> Url {
    Url::parse("http://127.0.0.1:8000").expect("a constant url")
}

/// Reads the settings from the environment.
///
/// # Errors
///
/// When a variable has a value of the wrong kind.
pub(crate) fn load() -> anyhow::Result<Options> {
    let environment = config::Environment::default()
        .try_parsing(false)
        .ignore_empty(true);
    let read: Settings = config::Config::builder()
        .add_source(environment)
        .build()?
        .try_deserialize()?;

    let defaults = Options::default();
    let retry_after = match &read.sandbox_retry_ms {
        None => defaults.mercadopago.retry_after.clone(),
        Some(list) => list
            .split(',')
            .map(|wait| wait.trim().parse().map(Duration::from_millis))
            .collect::<Result<_, _>>()?,
    };
    let callback = match read.sandbox_whatsapp_callback_url {
        Some(url) => url,
        None => read.gateway_url.join("/api/v1/webhooks/whatsapp")?,
    };
    Ok(Options {
        host: read.sandbox_host,
        port: read.sandbox_port,
        public_url: read.sandbox_url,
        now: None,
        mercadopago: MercadoPagoOptions {
            access_token: read.mercadopago_access_token,
            webhook_secret: read.mercadopago_webhook_secret,
            collector_id: read
                .mercadopago_collector_id
                .unwrap_or(defaults.mercadopago.collector_id),
            panel_url: read.sandbox_mercadopago_panel_url,
            retry_after: retry_after.clone(),
            ..defaults.mercadopago
        },
        whatsapp: WhatsAppOptions {
            access_token: read.whatsapp_access_token,
            app_secret: read.whatsapp_app_secret,
            verify_token: read.whatsapp_verify_token,
            phone_number_id: read.whatsapp_phone_number_id,
            callback_url: Some(callback),
            window_open: read.sandbox_whatsapp_window.as_deref() == Some("open"),
            retry_after,
            ..defaults.whatsapp
        },
    })
}
