//! Gateway, reservations, webhooks and payments as processes, with stores of their own, a proxy before each store, and
//! the sandbox.

pub(crate) mod books;
pub(crate) mod guest;
mod lodging;
mod ports;
mod process;
pub(crate) mod provider;
mod timekeeper;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use testkit::{Proxy, TestBroker, TestDatabase, TestRedis, wait_until};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

use process::Process;
use provider::Provider;
use timekeeper::Timekeeper;

/// When every world begins.
pub(crate) const START: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

const INTERNAL_TOKEN: &str = "the internal token of the tests";
const WEBHOOK_SECRET: &str = "the webhook secret of the tests";
const ACCESS_TOKEN: &str = "the access token of the tests";

/// How long a service may take to be ready.
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A service under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Gateway,
    Reservations,
    Webhooks,
    Payments,
}

impl Service {
    pub(crate) const ALL: [Self; 4] = [Self::Gateway, Self::Reservations, Self::Webhooks, Self::Payments];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Reservations => "reservations",
            Self::Webhooks => "webhooks",
            Self::Payments => "payments",
        }
    }
}

/// Everything that a booking needs; it ends when dropped.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) client: reqwest::Client,
    /// Between the services and their stores.
    pub(crate) postgres: Proxy,
    pub(crate) rabbitmq: Proxy,
    pub(crate) redis: Proxy,
    processes: Mutex<HashMap<Service, Process>>,
    variables: HashMap<String, String>,
    ports: HashMap<Service, u16>,
    timekeeper: Timekeeper,
    logs: PathBuf,
    database: TestDatabase,
    broker: TestBroker,
    redis_database: TestRedis,
}

impl World {
    /// All four services, ready, each once.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// All four services, with `variables` set besides or instead.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        service::start::install_crypto();
        let (database, broker, redis_database) =
            tokio::join!(TestDatabase::create(), TestBroker::create(), TestRedis::create());
        let (postgres, database_url) = Proxy::before(database.url()).await;
        let (rabbitmq, amqp_url) = Proxy::before(&broker.url()).await;
        let (redis, redis_url) = Proxy::before(redis_database.url()).await;
        let provider = Provider::start(START, ACCESS_TOKEN, WEBHOOK_SECRET).await;
        let timekeeper = Timekeeper::start(START).await;
        let ports: HashMap<Service, u16> = Service::ALL.into_iter().zip(ports::free()).collect();
        let mut all = settings(&ports, [&database_url, &amqp_url, &redis_url], &provider.url);
        all.insert("TEST_CLOCK_ADDRESS".to_owned(), timekeeper.address().to_string());
        for (name, value) in variables {
            all.insert((*name).to_owned(), (*value).to_owned());
        }
        let logs = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(database.name());
        std::fs::create_dir_all(&logs).unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(15))
            .build()
            .unwrap();
        let world = Self {
            provider,
            client,
            postgres,
            rabbitmq,
            redis,
            processes: Mutex::default(),
            variables: all,
            ports,
            timekeeper,
            logs,
            database,
            broker,
            redis_database,
        };
        for service in Service::ALL {
            world.start_service(service);
        }
        world.wait_until_ready().await;
        world
    }

    /// Ends a service as a crash does, at whatever it is doing.
    pub(crate) fn kill(&self, service: Service) {
        drop(self.processes.lock().unwrap().remove(&service));
    }

    /// Starts a service (again); it may take a moment to be ready.
    pub(crate) fn start_service(&self, service: Service) {
        let process = self.spawn(service, self.ports[&service], service.name());
        self.processes.lock().unwrap().insert(service, process);
    }

    /// One more of a service, on a port of its own; it ends when dropped.
    pub(crate) fn replica(&self, service: Service, number: u16) -> Process {
        let port = ports::free().next().unwrap();
        self.spawn(service, port, &format!("{}-{number}", service.name()))
    }

    fn spawn(&self, service: Service, port: u16, log: &str) -> Process {
        let log = self.logs.join(format!("{log}.log"));
        Process::spawn(service.name(), port, &self.variables, &log)
    }

    /// Waits until every service that runs says that it is ready.
    pub(crate) async fn wait_until_ready(&self) {
        for service in Service::ALL {
            let url = format!("{}/readyz", self.url_of(service));
            wait_until(STARTS_WITHIN, async || {
                let answer = self.client.get(&url).send().await;
                answer.is_ok_and(|answer| answer.status() == 200)
            })
            .await;
        }
    }

    /// Where a service listens.
    pub(crate) fn url_of(&self, service: Service) -> String {
        format!("http://127.0.0.1:{}", self.ports[&service])
    }

    /// Where the provider's notifications go.
    pub(crate) fn webhook_url(&self) -> String {
        format!(
            "{}/api/v1/webhooks/mercadopago?source_news=webhooks",
            self.url_of(Service::Gateway)
        )
    }

    /// The provider begins anew; our books stay.
    pub(crate) async fn reset_provider(&self) {
        self.provider.order("/reset", &serde_json::json!({})).await;
        self.provider.move_to(self.now()).await;
    }

    /// What the services say of panics: nothing, if all is well.
    pub(crate) fn panics(&self) -> Vec<String> {
        let logs = std::fs::read_dir(&self.logs).unwrap();
        let texts = logs.map(|log| std::fs::read_to_string(log.unwrap().path()).unwrap());
        let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| line.contains("panicked at")).collect()
    }

    /// Redis forgets everything.
    pub(crate) async fn flush_redis(&self) {
        self.redis_database.flush().await;
    }

    /// What the services' clocks show.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.timekeeper.now()
    }

    /// Moves everybody's clock.
    pub(crate) async fn advance(&self, by: time::Duration) {
        self.move_to(self.now() + by).await;
    }

    /// Puts everybody's clock to `now`: the provider's first, since its facts come before ours.
    pub(crate) async fn move_to(&self, now: OffsetDateTime) {
        self.provider.move_to(now).await;
        self.timekeeper.move_to(now).await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.processes.lock().unwrap().clear();
        if std::thread::panicking() {
            eprintln!("the services' logs are in {}", self.logs.display());
        } else {
            let _kept = std::fs::remove_dir_all(&self.logs);
        }
    }
}

/// What the services are set to: the defaults, but for haste where a test would wait in real time.
fn settings(
    ports: &HashMap<Service, u16>,
    [database, amqp, redis]: [&Url; 3],
    provider: &str,
) -> HashMap<String, String> {
    let at = |service: Service| format!("http://127.0.0.1:{}", ports[&service]);
    let pairs = [
        ("DATABASE_URL", database.to_string()),
        ("AMQP_URL", amqp.to_string()),
        ("REDIS_URL", redis.to_string()),
        ("PUBLIC_BASE_URL", at(Service::Gateway)),
        ("RESERVATIONS_URL", at(Service::Reservations)),
        ("WEBHOOKS_URL", at(Service::Webhooks)),
        ("PAYMENTS_URL", at(Service::Payments)),
        ("INTERNAL_API_TOKEN", INTERNAL_TOKEN.to_owned()),
        (
            "GUEST_TOKEN_SECRET",
            "the guest token secret of the tests".to_owned(),
        ),
        (
            "JWT_SECRET",
            "a secret of the tests that is long enough".to_owned(),
        ),
        ("MERCADOPAGO_BASE_URL", provider.to_owned()),
        ("MERCADOPAGO_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
        ("MERCADOPAGO_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("MERCADOPAGO_COLLECTOR_ID", provider::COLLECTOR.to_string()),
        ("MERCADOPAGO_ATTEMPT_TIMEOUT_MILLISECONDS", "1500".to_owned()),
        ("MERCADOPAGO_CALL_TIMEOUT_MILLISECONDS", "4000".to_owned()),
        ("MERCADOPAGO_CIRCUIT_OPEN_SECONDS", "1".to_owned()),
        ("PAYMENT_JOB_TICK_MILLISECONDS", "200".to_owned()),
        ("EXPIRER_SECONDS", "1".to_owned()),
        ("SWEEP_SECONDS", "1".to_owned()),
        ("MAX_UNPAID_HOLDS_PER_ADDRESS", "1000000".to_owned()),
        ("RATE_LIMIT_READS", "10000000".to_owned()),
        ("RATE_LIMIT_WRITES", "10000000".to_owned()),
        ("RATE_LIMIT_WEBHOOKS", "10000000".to_owned()),
        ("HTTP_DRAIN_WAIT_MILLISECONDS", "0".to_owned()),
        ("RUST_LOG", "info".to_owned()),
        ("LOG_FORMAT", "text".to_owned()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}
