//! Mercado Pago, played by the sandbox over real HTTP in this process; it tells nobody unless a test does.

use std::time::Duration;

use reqwest::{Client, Method};
use sandbox::{MercadoPagoOptions, Options, Running};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Our token, which no log may show.
pub(crate) const ACCESS_TOKEN: &str = "APP_USR-a-token-that-no-log-shows";

/// Our account.
pub(crate) const COLLECTOR: u64 = 2_079_614_828;

pub(crate) struct Provider {
    running: Running,
    client: Client,
}

impl Provider {
    pub(crate) async fn start(now: OffsetDateTime) -> Self {
        let options = Options {
            now: Some(now),
            mercadopago: MercadoPagoOptions {
                access_token: Some(ACCESS_TOKEN.into()),
                collector_id: COLLECTOR,
                ..MercadoPagoOptions::default()
            },
            ..Options::default()
        };
        let provider = Self {
            running: sandbox::start(options).await.unwrap(),
            client: Client::new(),
        };
        provider
            .order("/mercadopago/notifications", &json!({ "automatic": false }))
            .await;
        provider
    }

    pub(crate) fn url(&self) -> &str {
        &self.running.url
    }

    /// Orders something of the sandbox, below `/_control`.
    pub(crate) async fn order(&self, path: &str, body: &Value) -> Value {
        self.control(Method::POST, path, Some(body)).await
    }

    async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}/_control{path}", self.running.url);
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) async fn advance(&self, by: time::Duration) {
        let body = json!({ "advance_seconds": by.whole_seconds() });
        self.order("/clock", &body).await;
    }

    /// A payment of 300 pesos for `reference`, approved; `more` changes it. Gives its id.
    pub(crate) async fn pays(&self, reference: &str, more: Value) -> String {
        let mut body = json!({ "external_reference": reference, "transaction_amount": 300, "notify": false });
        let Value::Object(more) = more else {
            panic!("an object: {more}");
        };
        body.as_object_mut().unwrap().extend(more);
        let made = self.order("/mercadopago/payments", &body).await;
        made["id"].to_string()
    }

    /// Changes a payment at the provider.
    pub(crate) async fn changes(&self, payment: &str, mut change: Value) {
        change["notify"] = json!(false);
        self.order(&format!("/mercadopago/payments/{payment}"), &change)
            .await;
    }

    /// The next `times` calls of `method` on a path with `path` in it go wrong as `fault` says.
    pub(crate) async fn fails(&self, method: &str, path: &str, times: u32, fault: Value) {
        let mut body = json!({ "provider": "mercadopago", "method": method, "path": path, "times": times });
        let Value::Object(fault) = fault else {
            panic!("an object: {fault}");
        };
        body.as_object_mut().unwrap().extend(fault);
        self.order("/faults", &body).await;
    }

    pub(crate) async fn heals(&self) {
        self.control(Method::DELETE, "/faults", None).await;
    }

    /// The requests of `method` on paths with `path` in them, oldest first.
    pub(crate) async fn asked(&self, method: &str, path: &str) -> Vec<Value> {
        let query = format!("/received?provider=mercadopago&method={method}&path={path}");
        let found = self.control(Method::GET, &query, None).await;
        found.as_array().unwrap().clone()
    }

    /// The idempotency keys of those requests.
    pub(crate) async fn keys(&self, method: &str, path: &str) -> Vec<String> {
        let asked = self.asked(method, path).await;
        let key = |request: &Value| {
            let headers = request["headers"].as_array().unwrap().clone();
            let found = headers.iter().find(|header| header[0] == "x-idempotency-key");
            found.map_or_else(String::new, |header| header[1].as_str().unwrap().to_owned())
        };
        asked.iter().map(key).collect()
    }

    /// The links that can be paid by now, by reference.
    pub(crate) async fn preferences(&self, reference: &str) -> Vec<Value> {
        let all = self.control(Method::GET, "/mercadopago/preferences", None).await;
        let ours = all.as_array().unwrap().iter();
        ours.filter(|preference| preference["external_reference"] == reference)
            .cloned()
            .collect()
    }

    /// The URLs at which `reference` can be paid after `now`.
    pub(crate) async fn payable(&self, reference: &str, now: OffsetDateTime) -> Vec<String> {
        let mut preferences = self.preferences(reference).await;
        preferences.retain(|preference| {
            let until = preference["expiration_date_to"].as_str().unwrap();
            now < OffsetDateTime::parse(until, &Rfc3339).unwrap()
        });
        let url = |preference: &Value| preference["init_point"].as_str().unwrap().to_owned();
        preferences.iter().map(url).collect()
    }

    /// What the provider holds of `reference`, in its own decimals.
    pub(crate) async fn held(&self, reference: &str) -> Value {
        let totals = self.control(Method::GET, "/mercadopago/totals", None).await;
        let of = totals.as_array().unwrap().iter();
        let total = of
            .into_iter()
            .find(|total| total["external_reference"] == reference);
        total.map_or(json!(0), |total| total["held"].clone())
    }
}

/// How long a slow answer takes: longer than an attempt may.
pub(crate) const TOO_SLOW: Duration = Duration::from_secs(1);
