//! A gateway with stores of its own, and a stub that plays every service behind it.

use gateway::settings::Settings;
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings, load_from};
use storage::staff::{self, Role, Staff};
use testkit::{TestDatabase, TestRedis};
use time::OffsetDateTime;
use time::macros::datetime;
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const JWT_SECRET: &str = "a secret of the tests that is long enough";
pub(crate) const INTERNAL_TOKEN: &str = "the internal token of the tests";
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

/// A running gateway; it stops when dropped.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) clock: Clock,
    pub(crate) database: TestDatabase,
    pub(crate) redis: TestRedis,
    /// Plays `/reservations/…`, `/payments/…`, `/ical-sync/…`, `/webhooks/…` and `/concierge/…`.
    pub(crate) owners: MockServer,
    stop: tokio_util::sync::CancellationToken,
}

impl World {
    /// A gateway as it is set by default, that believes nobody about another address.
    pub(crate) async fn start() -> Self {
        Self::with(HttpSettings::for_tests(), &[]).await
    }

    /// A gateway behind a proxy on this machine: `x-forwarded-for` tells who calls.
    pub(crate) async fn behind_a_proxy() -> Self {
        Self::with(HttpSettings::for_tests(), &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await
    }

    /// A gateway with `variables` set besides, or instead.
    pub(crate) async fn with(http: HttpSettings, variables: &[(&str, &str)]) -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        let (database, redis) = (TestDatabase::create().await, TestRedis::create().await);
        let owners = MockServer::start().await;
        let urls = ["reservations", "payments", "webhooks", "ical_sync", "concierge"].map(|name| {
            let variable = format!("{}_URL", name.to_uppercase());
            (variable, format!("{}/{}", owners.uri(), name.replace('_', "-")))
        });
        let (database_url, redis_url) = (database.url().to_string(), redis.url().to_string());
        let mut all: Vec<(&str, &str)> = vec![
            ("DATABASE_URL", &database_url),
            ("REDIS_URL", &redis_url),
            ("JWT_SECRET", JWT_SECRET),
        ];
        all.extend(urls.iter().map(|(name, url)| (name.as_str(), url.as_str())));
        all.extend(variables);
        let settings: Settings = load_from(&all).unwrap();
        let internal: InternalSettings = load_from(&[("INTERNAL_API_TOKEN", INTERNAL_TOKEN)]).unwrap();
        let clock = Clock::frozen_at(NOW);
        let application = gateway::app::build(http, internal, settings, clock.clone()).unwrap();
        let (url, stop) = (application.base_url(), application.stopper());
        tokio::spawn(application.run_until_stopped());
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            url,
            client,
            clock,
            database,
            redis,
            owners,
            stop,
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request("GET", path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request("POST", path).json(body)
    }

    /// Every service answers everything with 200 and `{}`.
    pub(crate) async fn owners_say_yes(&self) {
        self.owners_answer(ResponseTemplate::new(200).set_body_json(json!({})))
            .await;
    }

    /// Every service answers everything so.
    pub(crate) async fn owners_answer(&self, answer: ResponseTemplate) {
        let anything = Mock::given(path_regex(".*")).respond_with(answer);
        anything.mount(&self.owners).await;
    }

    /// One path of one method, with the service's name before it.
    pub(crate) async fn owner_answers(&self, verb: &str, path: &str, answer: ResponseTemplate) {
        let mock = Mock::given(method(verb)).and(wiremock::matchers::path(path));
        mock.respond_with(answer).mount(&self.owners).await;
    }

    /// What the services were asked so far, as `GET /reservations/internal/v1/…`, besides how they are.
    pub(crate) async fn asked(&self) -> Vec<String> {
        self.heard().await.iter().map(line).collect()
    }

    /// The last that a service was asked.
    pub(crate) async fn last_asked(&self) -> Request {
        self.heard().await.pop().unwrap()
    }

    /// How often services were asked how they are.
    pub(crate) async fn probes(&self) -> usize {
        let requests = self.owners.received_requests().await.unwrap();
        requests.iter().filter(|request| is_probe(request)).count()
    }

    async fn heard(&self) -> Vec<Request> {
        let mut requests = self.owners.received_requests().await.unwrap();
        requests.retain(|request| !is_probe(request));
        requests
    }

    /// A member of staff whose password nobody knows.
    pub(crate) async fn employ(&self, email: &str, roles: &[Role]) -> Staff {
        self.employ_with(email, "$argon2id$of-nobody", roles).await
    }

    /// A member of staff who logs in with `password`.
    pub(crate) async fn employ_with_password(&self, email: &str, password: &str, roles: &[Role]) -> Staff {
        let password = SecretString::from(password);
        let hash = tokio::task::spawn_blocking(move || service::password::hash(&password));
        self.employ_with(email, &hash.await.unwrap().unwrap(), roles)
            .await
    }

    async fn employ_with(&self, email: &str, hash: &str, roles: &[Role]) -> Staff {
        let mut conn = self.database.conn().await;
        staff::put(&mut conn, NOW, email, hash, roles).await.unwrap();
        staff::find_active(&mut conn, email).await.unwrap().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The gateway looks at the services' health by the clock, at any time.
fn is_probe(request: &Request) -> bool {
    request.url.path().ends_with("/healthz")
}

pub(crate) fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}"));
    format!(
        "{} {}{}",
        request.method,
        request.url.path(),
        query.unwrap_or_default()
    )
}

/// A token as the gateway makes it, or would never make it.
pub(crate) fn token(staff: &Staff, issued: OffsetDateTime, expires: OffsetDateTime) -> String {
    let claims = json!({
        "sub": staff.id, "iat": issued.unix_timestamp(), "exp": expires.unix_timestamp(),
    });
    sign(&claims, JWT_SECRET, jsonwebtoken::Algorithm::HS256)
}

pub(crate) fn sign(claims: &Value, secret: &str, algorithm: jsonwebtoken::Algorithm) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), claims, &key).unwrap()
}

/// A token that is good for an hour.
pub(crate) fn good_token(staff: &Staff) -> String {
    token(staff, NOW, NOW + time::Duration::HOUR)
}
