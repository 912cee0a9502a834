//! What a sandbox is told when it starts.

use std::{net::IpAddr, time::Duration};

use secrecy::SecretString;
use time::OffsetDateTime;
use url::Url;

/// How a sandbox starts; the default suits a test: loopback, a free port, any token accepted.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; anything but loopback is refused.
    pub host: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The address under which others reach it, for the links it hands out; by default where it listens.
    pub public_url: Option<Url>,
    /// A clock that stands at this instant; `None` is the real time. `/_control/clock` moves it later.
    pub now: Option<OffsetDateTime>,
    /// How Mercado Pago is played.
    pub mercadopago: MercadoPagoOptions,
    /// How WhatsApp is played.
    pub whatsapp: WhatsAppOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            public_url: None,
            now: None,
            mercadopago: MercadoPagoOptions::default(),
            whatsapp: WhatsAppOptions::default(),
        }
    }
}

/// How Mercado Pago is played.
#[derive(Debug, Clone)]
pub struct MercadoPagoOptions {
    /// The one bearer token that is right; `None` accepts any that is not empty.
    pub access_token: Option<SecretString>,
    /// Signs webhooks; `None` sends them without a signature.
    pub webhook_secret: Option<SecretString>,
    /// The account that is paid.
    pub collector_id: u64,
    /// The currency of items that name none.
    pub currency: String,
    /// Where to notify when neither preference nor payment names a `notification_url`.
    pub panel_url: Option<Url>,
    /// How long after a change its webhook leaves.
    pub notify_after: Duration,
    /// How long to wait before each further attempt after an answer that is not 2xx.
    /// The first is the fast duplicate that production shows.
    pub retry_after: Vec<Duration>,
}

impl Default for MercadoPagoOptions {
    fn default() -> Self {
        Self {
            access_token: None,
            webhook_secret: None,
            collector_id: 1_234_567_890,
            currency: "ARS".to_owned(),
            panel_url: None,
            notify_after: Duration::from_millis(20),
            retry_after: default_retries(),
        }
    }
}

/// How the WhatsApp Cloud API is played.
#[derive(Debug, Clone)]
pub struct WhatsAppOptions {
    /// The one bearer token that is right; `None` accepts any that is not empty.
    pub access_token: Option<SecretString>,
    /// Signs webhooks; `None` sends them without a signature.
    pub app_secret: Option<SecretString>,
    /// What the handshake offers as `hub.verify_token`.
    pub verify_token: Option<SecretString>,
    /// The house's phone-number id; `None` accepts any.
    pub phone_number_id: Option<String>,
    /// The house's number as guests see it, digits only.
    pub display_phone_number: String,
    /// Where webhooks go; `None` keeps them as lost.
    pub callback_url: Option<Url>,
    /// Lets free text out although the guest has not written for 24 hours.
    pub window_open: bool,
    /// How long after each step the next status (`sent`, `delivered`, `read`) is notified.
    pub status_after: Duration,
    /// How long to wait before each further attempt after an answer that is not 200.
    pub retry_after: Vec<Duration>,
}

impl Default for WhatsAppOptions {
    fn default() -> Self {
        Self {
            access_token: None,
            app_secret: None,
            verify_token: None,
            phone_number_id: None,
            display_phone_number: "5491100000000".to_owned(),
            callback_url: None,
            window_open: false,
            status_after: Duration::from_millis(150),
            retry_after: default_retries(),
        }
    }
}

/// Production's shape (a duplicate at once, then longer and longer waits) in a test's patience.
fn default_retries() -> Vec<Duration> {
    [500, 2_000, 5_000, 10_000, 20_000, 30_000]
        .map(Duration::from_millis)
        .to_vec()
}
