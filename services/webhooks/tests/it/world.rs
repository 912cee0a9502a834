//! The service between a database and a broker of its own.

use std::time::Duration;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Nullable, Text},
};
use diesel_async::RunQueryDsl;
use messaging::topology::{RetryLadder, Topology};
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::SecretString;
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings, load_from};
use testkit::{TestBroker, TestDatabase, wait_until};
use time::{OffsetDateTime, macros::datetime};
use tokio_util::sync::CancellationToken;
use url::Url;
use webhooks::settings::Settings;

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const APP_SECRET: &str = "doc-app-secret";
pub(crate) const VERIFY_TOKEN: &str = "doc-verify-token";
pub(crate) const WEBHOOK_SECRET: &str = "doc-mp-secret";
pub(crate) const PREVIOUS_SECRET: &str = "doc-mp-secret-next";
pub(crate) const INTERNAL_TOKEN: &str = "doc-internal-token";

const WHATSAPP: &str = "/api/v1/webhooks/whatsapp";
const MERCADOPAGO: &str = "/api/v1/webhooks/mercadopago";

/// What the service is told about the providers.
pub(crate) const CONFIGURED: [(&str, &str); 4] = [
    ("WHATSAPP_APP_SECRET", APP_SECRET),
    ("WHATSAPP_VERIFY_TOKEN", VERIFY_TOKEN),
    ("MERCADOPAGO_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ("MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS", PREVIOUS_SECRET),
];

/// The stores, which outlive a service.
pub(crate) struct Stores {
    pub(crate) database: TestDatabase,
    pub(crate) rabbit: TestBroker,
}

impl Stores {
    pub(crate) async fn new() -> Self {
        Self {
            database: TestDatabase::create().await,
            rabbit: TestBroker::create().await,
        }
    }

    /// The service over these stores, ready to work.
    pub(crate) async fn service(&self, variables: &[(&str, &str)]) -> Service {
        let service = Service::start(self.database.url(), &self.rabbit.url(), variables);
        service.until_ready().await;
        service
    }

    /// What is stored, oldest first.
    pub(crate) async fn deliveries(&self) -> Vec<Stored> {
        let mut conn = self.database.conn().await;
        let query = "SELECT id::text, source, verdict, topic, resource_id, outcome, encode(body, 'hex') AS body FROM \
                     webhook_deliveries ORDER BY received_at, id";
        sql_query(query).load(&mut conn).await.unwrap()
    }

    /// The events that were ever announced, published or not: name, what about, and the message in hexadecimal.
    pub(crate) async fn events(&self) -> Vec<Announced> {
        let mut conn = self.database.conn().await;
        let query = "SELECT name, correlation_id AS about, encode(payload, 'hex') AS payload FROM outbox_events ORDER \
                     BY created_at, id";
        sql_query(query).load(&mut conn).await.unwrap()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Stored {
    #[diesel(sql_type = Text)]
    pub(crate) id: String,
    #[diesel(sql_type = Text)]
    pub(crate) source: String,
    #[diesel(sql_type = Text)]
    pub(crate) verdict: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) topic: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) resource_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) outcome: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Announced {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Text)]
    pub(crate) about: String,
    #[diesel(sql_type = Text)]
    pub(crate) payload: String,
}

/// The clock stands here at first.
pub(crate) fn now() -> OffsetDateTime {
    datetime!(2026-03-01 12:00 UTC)
}

/// A running service; stopped when dropped.
pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) client: reqwest::Client,
    stopper: CancellationToken,
}

impl Service {
    /// Starts one over any addresses, such as those of proxies; it may have to wait for its stores.
    pub(crate) fn start(database: &Url, rabbit: &Url, variables: &[(&str, &str)]) -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        let mut all = vec![("DATABASE_URL", database.as_str()), ("AMQP_URL", rabbit.as_str())];
        all.extend_from_slice(variables);
        let settings: Settings = load_from(&all).unwrap();
        let internal = InternalSettings {
            internal_api_token: Some(SecretString::from(INTERNAL_TOKEN)),
        };
        let clock = Clock::frozen_at(now());
        let topology = Topology::new(Vec::new(), RetryLadder::new(&[Duration::from_millis(50)]));
        let http = HttpSettings::for_tests();
        let application = webhooks::app::build(http, internal, settings, clock.clone(), topology).unwrap();
        let (url, stopper) = (application.base_url(), application.stopper());
        tokio::spawn(application.run_until_stopped());
        Self {
            url,
            clock,
            client: reqwest::Client::new(),
            stopper,
        }
    }

    pub(crate) async fn until_ready(&self) {
        wait_until(SOON, async || {
            let answer = self.get("/readyz").send().await;
            answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
        })
        .await;
    }

    /// Until RabbitMQ takes messages.
    pub(crate) async fn until_connected(&self) {
        wait_until(SOON, async || {
            let text = self.get("/healthz").send().await.unwrap().text().await.unwrap();
            let page: serde_json::Value = serde_json::from_str(&text).unwrap();
            page["checks"]["rabbitmq"]["status"] == "ok"
        })
        .await;
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// A handshake with this query.
    pub(crate) async fn handshake(&self, query: &str) -> Response {
        self.get(&format!("{WHATSAPP}?{query}")).send().await.unwrap()
    }

    /// A delivery of WhatsApp's without a signature.
    pub(crate) fn whatsapp(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.client.post(format!("{}{WHATSAPP}", self.url)).body(body);
        request.header("content-type", "application/json")
    }

    /// The same, as Meta signs it.
    pub(crate) fn signed_whatsapp(&self, body: &[u8]) -> RequestBuilder {
        let signature = whatsapp::signature::sign(&SecretString::from(APP_SECRET), body);
        self.whatsapp(body.to_vec())
            .header("x-hub-signature-256", signature)
    }

    /// A notification of Mercado Pago's without a signature.
    pub(crate) fn mercadopago(&self, query: &str, body: &str) -> RequestBuilder {
        let url = format!("{}{MERCADOPAGO}?{query}", self.url);
        let request = self.client.post(url).body(body.to_owned());
        request.header("content-type", "application/json")
    }

    /// The same, as Mercado Pago signs a webhook about `data_id` with `request_id` at the clock's time.
    pub(crate) fn signed_mercadopago(
        &self,
        query: &str,
        data_id: Option<&str>,
        request_id: &str,
        body: &str,
    ) -> RequestBuilder {
        let ts = self.clock.now().unix_timestamp().to_string();
        let secret = SecretString::from(WEBHOOK_SECRET);
        let signature = mercadopago::signature::sign(&secret, data_id, Some(request_id), &ts);
        let request = self.mercadopago(query, body).header("x-signature", signature);
        request.header("x-request-id", request_id)
    }

    /// A request of the gateway's, for a member of staff.
    pub(crate) fn staff(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        let url = format!("{}/internal/v1/admin{path}", self.url);
        let request = self
            .client
            .request(method, url)
            .header("x-internal-token", INTERNAL_TOKEN);
        request.header("x-actor", "staff:ana@casa.example")
    }

    /// The value of a metric with these labels.
    pub(crate) async fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        let text = self.get("/metrics").send().await.unwrap().text().await.unwrap();
        let line = text.lines().find(|line| {
            line.starts_with(&format!("{name}{{")) && labels.iter().all(|label| line.contains(label))
        });
        let value = line.and_then(|line| line.rsplit(' ').next());
        value
            .unwrap_or_else(|| panic!("no {name} {labels:?} in {text}"))
            .parse()
            .unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stopper.cancel();
    }
}

/// The status of an answer.
pub(crate) async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// Sends so many copies at once, and gives their statuses.
pub(crate) async fn all_at_once(requests: Vec<RequestBuilder>) -> Vec<u16> {
    let mut sending = tokio::task::JoinSet::new();
    for request in requests {
        sending.spawn(status(request));
    }
    sending.join_all().await
}
