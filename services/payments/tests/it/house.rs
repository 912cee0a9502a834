//! A house of one's own: a database, a RabbitMQ, the provider, a clock that stands, and replicas of the service.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use domain::reservation::Actor;
use events::{Event, v1};
use messaging::topology::{RetryLadder, Topology};
use messaging::{Broker, BrokerSettings};
use secrecy::SecretString;
use serde_json::{Value, json};
use service::clock::Clock;
use service::guest_token;
use service::settings::{HttpSettings, InternalSettings};
use storage::webhook_deliveries::{self, NewDelivery, Source, Verdict};
use storage::{Context, outbox};
use testkit::{TestBroker, TestDatabase, wait_for};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;
use uuid::Uuid;

use crate::desk::Desk;
use crate::provider::{ACCESS_TOKEN, COLLECTOR, Provider};

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// What services show to each other.
pub(crate) const TOKEN: &str = "between services";

/// What the guest of every hold shows.
pub(crate) const GUEST: &str = "a guest's access token";

/// When everything begins; holds end at 12:30.
pub(crate) const NOON: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// Stores, provider and clock; every replica started on them is one of the same house.
pub(crate) struct House {
    pub(crate) database: TestDatabase,
    pub(crate) provider: Provider,
    pub(crate) clock: Clock,
    broker: TestBroker,
}

/// A reservation with its id and code.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    pub(crate) id: Uuid,
    pub(crate) code: String,
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
    pub(crate) async fn new() -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        let house = Self {
            database: TestDatabase::create().await,
            provider: Provider::start(NOON).await,
            clock: Clock::frozen_at(NOON),
            broker: TestBroker::create().await,
        };
        house
            .sql(
                "INSERT INTO accommodations (id, name, base_price_minor, created_at, updated_at) \
                 VALUES (1, 'Cabaña del Lago', 10000, '2026-01-01Z', '2026-01-01Z')",
            )
            .await;
        house
    }

    /// One replica whose jobs look for work all the time.
    pub(crate) async fn open(&self) -> Desk {
        self.open_with(&[]).await
    }

    /// One replica whose jobs run once, at its start.
    pub(crate) async fn open_without_jobs(&self) -> Desk {
        self.open_with(&[("PAYMENT_JOB_TICK_MILLISECONDS", "3600000")])
            .await
    }

    /// One replica with other settings than the usual.
    pub(crate) async fn open_with(&self, more: &[(&str, &str)]) -> Desk {
        let collector = COLLECTOR.to_string();
        let mut variables = vec![
            ("DATABASE_URL", self.database.url().as_str()),
            ("MERCADOPAGO_BASE_URL", self.provider.url()),
            ("MERCADOPAGO_ACCESS_TOKEN", ACCESS_TOKEN),
            ("MERCADOPAGO_COLLECTOR_ID", collector.as_str()),
            // Where nobody listens.
            ("PUBLIC_BASE_URL", "http://127.0.0.1:1"),
            ("MERCADOPAGO_ATTEMPT_TIMEOUT_MILLISECONDS", "400"),
            ("MERCADOPAGO_CALL_TIMEOUT_MILLISECONDS", "3000"),
            ("PAYMENT_LINK_WAIT_MILLISECONDS", "5000"),
            ("PAYMENT_JOB_TICK_MILLISECONDS", "30"),
        ];
        let amqp = self.broker.url().to_string();
        variables.push(("AMQP_URL", amqp.as_str()));
        variables.extend_from_slice(more);
        let settings = service::settings::load_from(&variables).unwrap();
        let application = payments::app::build(
            HttpSettings::for_tests(),
            InternalSettings {
                internal_api_token: Some(SecretString::from(TOKEN)),
            },
            &settings,
            self.clock.clone(),
            topology(),
        );
        Desk::of(application.unwrap()).await
    }

    /// Moves our clock and the provider's.
    pub(crate) async fn advance(&self, by: time::Duration) {
        self.provider.advance(by).await;
        self.clock.advance(by);
    }

    /// A hold over a deposit of 300 pesos until 12:30, behind the back of `reservations`; nobody is told.
    pub(crate) async fn hold(&self) -> Hold {
        let (id, tail) = (Uuid::new_v4(), Uuid::new_v4());
        let tail = tail.as_bytes().first_chunk::<6>().copied().unwrap();
        let code = domain::code::ReservationCode::new(NOON.date(), tail).to_string();
        let token = guest_token::hash(&SecretString::from(GUEST));
        let hash = hex::encode(token);
        // Every hold has nights of its own.
        let night = self.number("SELECT count(*) FROM reservations").await;
        self.sql(&format!(
            "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, \
             guests, contact_name, contact_phone, contact_keys, currency, total_minor, deposit_minor, quote, expires_at, \
             access_token_hash, calendar_changed_at, created_at, updated_at) VALUES ('{id}', '{code}', 1, \
             date '2026-04-01' + {night}, date '2026-04-02' + {night}, 'pre_reserved', 'web', 2, 'Ana', \
             '+5491100000000', '{{}}', 'ARS', 100000, 30000, '{{}}', '2026-03-01 12:30Z', '\\x{hash}', \
             '2026-03-01 12:00Z', '2026-03-01 12:00Z', '2026-03-01 12:00Z')"
        ))
        .await;
        Hold { id, code }
    }

    /// What the events of `reservations` tell about a hold.
    pub(crate) fn facts(hold: &Hold) -> v1::Reservation {
        v1::Reservation {
            id: hold.id.to_string(),
            code: hold.code.clone(),
            ..v1::Reservation::default()
        }
    }

    /// Says something on behalf of another service.
    pub(crate) async fn announce<E: Event>(&self, event: &E) {
        let conn = self.database.conn().await;
        outbox::append(&conn, &self.context(), event).await.unwrap();
    }

    /// A notification that `webhooks` has stored and announced; gives the delivery's id.
    pub(crate) async fn notified(&self, topic: &str, resource: &str) -> Uuid {
        self.notified_of(topic, resource, Verdict::Authentic, &json!({}))
            .await
    }

    pub(crate) async fn notified_of(
        &self,
        topic: &str,
        resource: &str,
        verdict: Verdict,
        body: &Value,
    ) -> Uuid {
        let id = Uuid::new_v4();
        let delivery = NewDelivery {
            id,
            source: Source::Mercadopago,
            dedupe_key: id.to_string(),
            query: String::new(),
            headers: json!({}),
            body: serde_json::to_vec(body).unwrap(),
            verdict,
            topic: Some(topic.to_owned()),
            resource_id: Some(resource.to_owned()),
            received_at: self.clock.now(),
        };
        let event = v1::WebhookMercadopagoNotified {
            delivery_id: id.to_string(),
            topic: topic.to_owned(),
            resource_id: resource.to_owned(),
            authentic: verdict == Verdict::Authentic,
        };
        let mut conn = self.database.conn().await;
        webhook_deliveries::store(&mut conn, &self.context(), &delivery, &event)
            .await
            .unwrap();
        id
    }

    /// What became of a delivery, once somebody has worked on it.
    pub(crate) async fn outcome(&self, delivery: Uuid) -> String {
        let query = format!(
            "SELECT outcome FROM webhook_deliveries WHERE id = '{delivery}' AND processed_at IS NOT NULL"
        );
        wait_for(SOON, async || self.words(&query).await.pop()).await
    }

    pub(crate) fn context(&self) -> Context {
        Context::new(self.clock.now(), Actor::System("test"), None)
    }

    /// A connection to the house's RabbitMQ, beside the service's.
    pub(crate) fn broker(&self) -> Broker {
        let url: Url = self.broker.url();
        let settings = BrokerSettings::new(url.as_str(), "test").unwrap();
        Broker::start(settings.with_topology(topology()))
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
    pub(crate) async fn sql(&self, statement: &str) {
        let mut conn = self.database.conn().await;
        if let Err(error) = diesel::sql_query(statement).execute(&mut conn).await {
            panic!("{statement}: {error}");
        }
    }

    /// The names of what `payments` announced about a reservation, oldest first, without the versions.
    pub(crate) async fn announced(&self, code: &str) -> Vec<String> {
        self.words(&format!(
            "SELECT replace(name, '.v1', '') FROM outbox_events WHERE correlation_id = '{code}' \
             AND name LIKE 'payment.%' ORDER BY id"
        ))
        .await
    }

    /// The kinds of what happened to a reservation, in order.
    pub(crate) async fn story(&self, hold: &Hold) -> Vec<String> {
        self.words(&format!(
            "SELECT kind FROM reservation_timeline WHERE reservation_id = '{}' ORDER BY id",
            hold.id
        ))
        .await
    }

    /// One column of a payment, by the provider's id; empty if there is nothing.
    pub(crate) async fn payment(&self, provider_id: &str, column: &str) -> String {
        let query = format!(
            "SELECT coalesce({column}::text, '') FROM payments WHERE provider_payment_id = '{provider_id}'"
        );
        self.words(&query).await.pop().unwrap_or_default()
    }

    /// Our id of a payment, once it is known.
    pub(crate) async fn known(&self, provider_id: &str) -> Uuid {
        let id = wait_for(SOON, async || {
            Some(self.payment(provider_id, "id").await).filter(|id| !id.is_empty())
        })
        .await;
        id.parse().unwrap()
    }

    /// The URLs of a reservation's links that are not retired.
    pub(crate) async fn live_links(&self, hold: &Hold) -> Vec<String> {
        self.words(&format!(
            "SELECT coalesce(url, 'unanswered') FROM payment_links WHERE reservation_id = '{}' AND replaced_at IS NULL",
            hold.id
        ))
        .await
    }
}

/// The queues of this service only, and retries within milliseconds.
pub(crate) fn topology() -> Topology {
    let ladder = RetryLadder::new(&[50, 60, 70, 80].map(Duration::from_millis));
    Topology::of_services(&["payments"]).with_ladder(ladder)
}
