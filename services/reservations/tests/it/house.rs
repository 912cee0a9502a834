//! A house of one's own: a database, a Redis, a clock that stands, and replicas of the service over real HTTP.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use messaging::topology::{RetryLadder, Topology};
use reservations::settings::{Policy, Settings};
use reservations::use_cases::expire_holds::expire_holds;
use secrecy::SecretString;
use serde_json::{Value, json};
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings};
use storage::Context;
use testkit::{TestBroker, TestDatabase, TestRedis};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

use crate::desk::Desk;

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// What services show to each other.
pub(crate) const TOKEN: &str = "between services";

/// Where nobody listens.
const NOWHERE: &str = "amqp://127.0.0.1:1/nowhere";

/// Stores and a clock; every replica started on them is one of the same house.
pub(crate) struct House {
    pub(crate) database: TestDatabase,
    pub(crate) redis: TestRedis,
    pub(crate) clock: Clock,
    broker: Option<TestBroker>,
}

/// Where the stores are, as a replica is told.
pub(crate) struct Addresses {
    pub(crate) database: Url,
    pub(crate) redis: Url,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

impl House {
    /// A house without RabbitMQ: it books all the same, and its events stay where they can be counted.
    /// It is noon in Greenwich, a Sunday.
    pub(crate) async fn new() -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        Self {
            database: TestDatabase::create().await,
            redis: TestRedis::create().await,
            clock: Clock::frozen_at(datetime!(2026-03-01 12:00 UTC)),
            broker: None,
        }
    }

    /// A house whose events go round.
    pub(crate) async fn with_broker() -> Self {
        let broker = TestBroker::create().await;
        Self {
            broker: Some(broker),
            ..Self::new().await
        }
    }

    /// One replica. Its jobs run once, at its start, and then not again in a test's life.
    pub(crate) async fn open(&self) -> Desk {
        self.open_with(&[]).await
    }

    /// One replica with other settings than the usual.
    pub(crate) async fn open_with(&self, more: &[(&str, &str)]) -> Desk {
        self.open_at(&self.addresses(), more).await
    }

    /// One replica that reaches its stores elsewhere, such as through a proxy.
    pub(crate) async fn open_at(&self, addresses: &Addresses, more: &[(&str, &str)]) -> Desk {
        let application = reservations::app::build(
            HttpSettings::for_tests(),
            InternalSettings {
                internal_api_token: Some(SecretString::from(TOKEN)),
            },
            self.settings(addresses, more),
            self.clock.clone(),
            topology(),
        );
        Desk::of(application.unwrap()).await
    }

    pub(crate) fn addresses(&self) -> Addresses {
        Addresses {
            database: self.database.url().clone(),
            redis: self.redis.url().clone(),
        }
    }

    /// Where the house's RabbitMQ is.
    pub(crate) fn broker_url(&self) -> Url {
        self.broker.as_ref().unwrap().url()
    }

    fn settings(&self, addresses: &Addresses, more: &[(&str, &str)]) -> Settings {
        let amqp_url = self.broker.as_ref().map(|broker| broker.url().to_string());
        let mut variables = vec![
            ("DATABASE_URL", addresses.database.as_str()),
            ("REDIS_URL", addresses.redis.as_str()),
            ("AMQP_URL", amqp_url.as_deref().unwrap_or(NOWHERE)),
            ("GUEST_TOKEN_SECRET", "a secret of this test"),
            // A crowd waits for the lodging and never for a connection, however slow the machine is.
            ("DATABASE_CONNECTIONS", "50"),
            ("EXPIRER_SECONDS", "3600"),
            ("SWEEP_SECONDS", "3600"),
        ];
        variables.extend_from_slice(more);
        service::settings::load_from(&variables).unwrap()
    }

    /// The house's numbers, as architecture has them.
    pub(crate) fn policy(&self) -> Policy {
        self.settings(&self.addresses(), &[]).policy()
    }

    /// A change by the service itself, now.
    pub(crate) fn context(&self) -> Context {
        Context::new(
            self.clock.now(),
            domain::reservation::Actor::System("reservations"),
            None,
        )
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Half an hour passes, and the job comes by.
    pub(crate) async fn run_out(&self) {
        self.clock.advance(time::Duration::minutes(30));
        self.expire().await;
    }

    /// The job comes by, and tells the codes of what it ended.
    pub(crate) async fn expire(&self) -> Vec<String> {
        let mut conn = self.database.conn().await;
        let ended = expire_holds(&mut conn, &self.context(), &self.policy()).await;
        ended.unwrap().iter().map(|hold| hold.code.to_string()).collect()
    }

    /// The one number that `query` asks for.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        let query = format!("SELECT ({query})::bigint AS number");
        let mut conn = self.database.conn().await;
        let found: Number = diesel::sql_query(query).get_result(&mut conn).await.unwrap();
        found.number
    }

    /// The texts that `query` asks for, in its order.
    pub(crate) async fn words(&self, query: &str) -> Vec<String> {
        let query = format!("SELECT word::text AS word FROM ({query}) AS asked (word)");
        let mut conn = self.database.conn().await;
        let found: Vec<Word> = diesel::sql_query(query).load(&mut conn).await.unwrap();
        found.into_iter().map(|found| found.word).collect()
    }

    /// Runs a statement behind the service's back.
    pub(crate) async fn execute(&self, statement: &str) {
        let mut conn = self.database.conn().await;
        diesel::sql_query(statement).execute(&mut conn).await.unwrap();
    }

    pub(crate) async fn status(&self, code: &str) -> String {
        let query = format!("SELECT reservation_status FROM reservations WHERE code = '{code}'");
        self.words(&query).await.remove(0)
    }

    /// The kinds of what happened to a reservation, in order.
    pub(crate) async fn story(&self, code: &str) -> Vec<String> {
        self.words(&format!(
            "SELECT kind FROM reservation_timeline JOIN reservations ON reservations.id = reservation_id \
             WHERE code = '{code}' ORDER BY reservation_timeline.id"
        ))
        .await
    }

    /// The names of the events about a reservation, sorted.
    pub(crate) async fn events(&self, code: &str) -> Vec<String> {
        self.words(&format!(
            "SELECT name FROM outbox_events WHERE correlation_id = '{code}' AND name LIKE 'reservation.%' ORDER BY name"
        ))
        .await
    }
}

/// The queues of this service only, and retries within milliseconds.
pub(crate) fn topology() -> Topology {
    let ladder = RetryLadder::new(&[50, 60, 70, 80].map(Duration::from_millis));
    Topology::of_services(&["reservations"]).with_ladder(ladder)
}

/// A wish for a stay in `accommodation`, by a guest of whom there is only one.
pub(crate) fn wish(accommodation: i64, check_in: &str, check_out: &str) -> Value {
    json!({
        "accommodation_id": accommodation, "check_in": check_in, "check_out": check_out, "guests": 2,
        "contact_name": "Ana Pérez", "contact_email": format!("{}@correo.com.ar", uuid::Uuid::new_v4().simple()),
    })
}
