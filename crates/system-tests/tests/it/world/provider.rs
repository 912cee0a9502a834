//! Mercado Pago, as the sandbox plays it, and what happens on its side.

use reqwest::Method;
use sandbox::{MercadoPagoOptions, Options};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

/// Our account there.
pub(crate) const COLLECTOR: u64 = 1_234_567_890;

/// Mercado Pago.
pub(crate) struct Provider {
    pub(crate) url: String,
    client: reqwest::Client,
    _running: sandbox::Running,
}

/// A link by which somebody can pay: a preference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link(pub(crate) String);

impl Link {
    /// The link that this address leads to.
    pub(crate) fn at(url: &str) -> Self {
        let url = Url::parse(url).unwrap();
        let mut pairs = url.query_pairs();
        let id = pairs
            .find(|(name, _)| name == "pref_id")
            .map(|(_, id)| id.into_owned());
        Self(id.unwrap())
    }
}

/// How somebody pays.
#[derive(Debug, Clone)]
pub(crate) struct Payment(Value);

impl Payment {
    pub(crate) fn approved() -> Self {
        Self(json!({ "decision": "approve" }))
    }

    pub(crate) fn rejected() -> Self {
        Self(json!({ "decision": "reject" }))
    }

    pub(crate) fn pending() -> Self {
        Self(json!({ "decision": "pending" }))
    }

    /// The notification is lost.
    pub(crate) fn silent(self) -> Self {
        self.with("notify", json!(false))
    }

    /// Another amount than the link asks for.
    pub(crate) fn of(self, minor: i64) -> Self {
        self.with("amount", json!(decimal(minor)))
    }

    /// Although the link has ended, as a voucher paid late.
    pub(crate) fn whenever(self) -> Self {
        self.with("ignore_expiry", json!(true))
    }

    /// The first `reads` of it find nothing.
    pub(crate) fn hidden_for(self, reads: u32) -> Self {
        self.with("hidden_reads", json!(reads))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }
}

impl Provider {
    pub(super) async fn start(now: OffsetDateTime, access_token: &str, webhook_secret: &str) -> Self {
        let options = Options {
            now: Some(now),
            mercadopago: MercadoPagoOptions {
                access_token: Some(SecretString::from(access_token)),
                webhook_secret: Some(SecretString::from(webhook_secret)),
                collector_id: COLLECTOR,
                ..MercadoPagoOptions::default()
            },
            ..Options::default()
        };
        let running = sandbox::start(options).await.unwrap();
        Self {
            url: running.url.clone(),
            // An idle connection may end just as it is used again.
            client: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
            _running: running,
        }
    }

    /// Somebody pays by a link; gives the payment's id, or why the provider does not take it.
    pub(crate) async fn pay(&self, link: &Link, payment: &Payment) -> Result<u64, Value> {
        let path = format!("/_control/mercadopago/preferences/{}/pay", link.0);
        let (status, answer) = self.control(Method::POST, &path, &payment.0).await;
        if status == 201 {
            Ok(answer["id"].as_u64().unwrap())
        } else {
            Err(answer)
        }
    }

    /// Every payment, as the API shows them.
    pub(crate) async fn payments(&self) -> Vec<Value> {
        let (_, answer) = self
            .control(Method::GET, "/_control/mercadopago/payments", &Value::Null)
            .await;
        serde_json::from_value(answer).unwrap()
    }

    /// Where a payment stands.
    pub(crate) async fn status_of(&self, payment: u64) -> String {
        let all = self.payments().await;
        let view = all.iter().find(|view| view["id"] == payment).unwrap();
        view["status"].as_str().unwrap().to_owned()
    }

    /// The money held by reference.
    pub(crate) async fn totals(&self) -> Vec<Value> {
        let (_, answer) = self
            .control(Method::GET, "/_control/mercadopago/totals", &Value::Null)
            .await;
        serde_json::from_value(answer).unwrap()
    }

    /// `POST /_control{path}`, for what has no method of its own.
    pub(crate) async fn order(&self, path: &str, body: &Value) -> (u16, Value) {
        self.control(Method::POST, &format!("/_control{path}"), body)
            .await
    }

    /// Forgets the troubles on order.
    pub(crate) async fn heal(&self) {
        self.control(Method::DELETE, "/_control/faults", &Value::Null)
            .await;
    }

    pub(super) async fn move_to(&self, now: OffsetDateTime) {
        let now = now.format(&Rfc3339).unwrap();
        self.order("/clock", &json!({ "now": now })).await;
    }

    async fn control(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

/// A decimal amount, as text or number, in hundredths.
pub(crate) fn minor(amount: &Value) -> i64 {
    let text = match amount {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

/// Hundredths as a decimal amount.
pub(crate) fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
