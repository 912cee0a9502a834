//! A sandbox for one test, and short ways to ask it.

use reqwest::{Method, StatusCode};
use sandbox::{MercadoPagoOptions, Options, Running, WhatsAppOptions};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

/// The instant at which the clock stands in tests.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// The WhatsApp app secret in tests.
pub(crate) const APP_SECRET: &str = "doc-app-secret";

/// The webhook secret in tests.
pub(crate) const MERCADO_PAGO_SECRET: &str = "doc-mp-secret";

pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) client: reqwest::Client,
}

impl World {
    /// A sandbox whose clock stands and whose retries are fast.
    pub(crate) async fn start() -> Self {
        Self::with(options()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let running = sandbox::start(options).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { running, client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, self.url(path))
            .header("authorization", "Bearer TEST-token")
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: Value) -> (u16, Value) {
        answer(
            self.request(Method::POST, path)
                .header("x-idempotency-key", key)
                .json(&body),
        )
        .await
    }

    /// A preference of 45,000.50 for `reference`, and its id.
    pub(crate) async fn preference(&self, reference: &str, notification_url: Option<&str>) -> String {
        let (status, body) = self
            .post("/checkout/preferences", preference(reference, notification_url))
            .await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// Pays a preference through the controls and returns the payment.
    pub(crate) async fn pay(&self, preference: &str, order: Value) -> Value {
        let (status, body) = self
            .post(
                &format!("/_control/mercadopago/preferences/{preference}/pay"),
                order,
            )
            .await;
        assert_eq!(status, 201, "{body}");
        body
    }

    pub(crate) async fn page(&self, path: &str) -> (StatusCode, String) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }
}

pub(crate) fn options() -> Options {
    Options {
        now: Some(NOW),
        mercadopago: MercadoPagoOptions {
            webhook_secret: Some(MERCADO_PAGO_SECRET.into()),
            collector_id: 2_079_614_828,
            notify_after: std::time::Duration::from_millis(1),
            retry_after: vec![std::time::Duration::from_millis(20); 4],
            ..MercadoPagoOptions::default()
        },
        whatsapp: WhatsAppOptions {
            app_secret: Some(APP_SECRET.into()),
            verify_token: Some("doc-verify-token".into()),
            phone_number_id: Some("106540352242922".to_owned()),
            status_after: std::time::Duration::from_millis(1),
            retry_after: vec![std::time::Duration::from_millis(20); 4],
            ..WhatsAppOptions::default()
        },
        ..Options::default()
    }
}

pub(crate) fn preference(reference: &str, notification_url: Option<&str>) -> Value {
    json!({
        "items": [{ "id": reference, "title": "Cabaña 1, 2 noches", "quantity": 1, "currency_id": "ARS", "unit_price": 45000.50 }],
        "external_reference": reference,
        "notification_url": notification_url,
        "back_urls": { "success": "http://127.0.0.1:1/ok?a=b", "failure": "http://127.0.0.1:1/no", "pending": "http://127.0.0.1:1/wait" },
        "auto_return": "approved",
        "expires": true,
        "expiration_date_from": "2026-03-01T09:00:00.000-03:00",
        "expiration_date_to": "2026-03-01T09:30:00.000-03:00",
        "payment_methods": { "excluded_payment_types": [{ "id": "ticket" }, { "id": "atm" }] },
        "metadata": { "bookingCode": "bk-17" },
        "statement_descriptor": "ALOJAMIENTOS",
    })
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Asks until the answer is there, for at most ten seconds.
pub(crate) async fn wait_until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _attempt in 0..1_000 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it did not happen within ten seconds");
}
