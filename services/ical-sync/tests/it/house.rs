//! A house of one's own: a database, played channels, a clock that stands, and replicas of the service.

mod calendars;
mod calls;

use std::time::Duration as Patience;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date as SqlDate, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::accommodation::Terms;
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use domain::reservation::Actor;
use events::v1;
use reqwest::Client;
use serde_json::json;
use service::clock::Clock;
use storage::accommodations::{self, Facts};
use storage::{Context, outbox};
use testkit::{TestBroker, TestDatabase, wait_until};
use time::macros::{datetime, time};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::front::Front;
use crate::replica::Replica;

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Patience = Patience::from_secs(30);

/// Noon in Greenwich and nine o'clock at the house.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-01 12:00 UTC);

/// Where nobody listens.
const NOWHERE: &str = "amqp://127.0.0.1:1/nowhere";

pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) replica: Replica,
    pub(crate) front: Front,
    pub(crate) database: TestDatabase,
    pub(crate) sandbox: sandbox::Running,
    broker: Option<TestBroker>,
    client: Client,
    more: Vec<(&'static str, &'static str)>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The day so many days after today at the house.
pub(crate) fn day(ahead: i64) -> Date {
    NOW.date() + Duration::days(ahead)
}

impl House {
    /// A house without RabbitMQ: its events stay where they can be counted.
    pub(crate) async fn new() -> Self {
        Self::with(None, &[]).await
    }

    /// A house with other settings than the usual.
    pub(crate) async fn set(more: &[(&'static str, &'static str)]) -> Self {
        Self::with(None, more).await
    }

    /// A house whose events go round.
    pub(crate) async fn with_broker() -> Self {
        Self::with(Some(TestBroker::create().await), &[]).await
    }

    async fn with(broker: Option<TestBroker>, more: &[(&'static str, &'static str)]) -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        let clock = Clock::frozen_at(NOW);
        let database = TestDatabase::create().await;
        let sandbox = sandbox::start(sandbox::Options {
            now: Some(NOW),
            ..sandbox::Options::default()
        });
        let sandbox = sandbox.await.unwrap();
        let settings = settings(&database, broker.as_ref(), &sandbox, more);
        let replica = Replica::start(settings, clock.clone()).await;
        let front = Front::start(&replica.url);
        let house = Self {
            clock,
            replica,
            front,
            database,
            sandbox,
            broker,
            client: Client::new(),
            more: more.to_vec(),
        };
        wait_until(SOON, async || house.probe("/readyz").await.status == 200).await;
        house
    }

    /// One more replica on the same stores.
    pub(crate) async fn another_replica(&self) -> Replica {
        let settings = settings(&self.database, self.broker.as_ref(), &self.sandbox, &self.more);
        Replica::start(settings, self.clock.clone()).await
    }

    /// Time passes, also for the channels.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        let seconds = time.whole_seconds();
        self.channel("/_control/clock", json!({ "advance_seconds": seconds }))
            .await;
    }

    pub(crate) async fn lodging(&self) -> i64 {
        let conn = self.database.conn().await;
        let facts = facts("America/Argentina/Buenos_Aires");
        accommodations::insert(&conn, &facts, self.clock.now())
            .await
            .unwrap()
            .id
            .0
    }

    /// A confirmed stay, put in as `reservations` does: under the lodging's lock, refused over a closure.
    pub(crate) async fn try_to_book(&self, lodging: i64, from: Date, to: Date) -> Option<Uuid> {
        let id = Uuid::new_v4();
        let now = self.clock.now();
        let inserted = diesel::sql_query(
            "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, \
             guests, contact_name, contact_email, contact_keys, currency, total_minor, deposit_minor, quote, \
             access_token_hash, confirmed_at, calendar_changed_at, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, 'confirmed', 'web', 2, 'Ana', 'ana@example.com', ARRAY['email:ana'], 'ARS', \
             100, 30, '{}', sha256('x'), $6, $6, $6, $6)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(code(id))
        .bind::<BigInt, _>(lodging)
        .bind::<SqlDate, _>(from)
        .bind::<SqlDate, _>(to)
        .bind::<Timestamptz, _>(now)
        .execute(&mut self.database.conn().await)
        .await;
        match inserted {
            Ok(_) => Some(id),
            Err(error) => {
                assert!(
                    matches!(
                        storage::error::refusal(&error),
                        Some(storage::error::Refusal::Constraint(
                            "reservations_no_overlap" | "reservations_no_blocked_night"
                        ))
                    ),
                    "{error:?}"
                );
                None
            }
        }
    }

    pub(crate) async fn book(&self, lodging: i64, from: Date, to: Date) -> Uuid {
        self.try_to_book(lodging, from, to).await.expect("free nights")
    }

    /// The stay is called off, and said to be.
    pub(crate) async fn call_off(&self, lodging: i64, id: Uuid) {
        let now = self.clock.now();
        let mut conn = self.database.conn().await;
        let ended = diesel::sql_query(
            "UPDATE reservations SET reservation_status = 'cancelled', calendar_changed_at = $2, updated_at = $2, \
             calendar_sequence = calendar_sequence + 1 WHERE id = $1",
        );
        let ended = ended
            .bind::<SqlUuid, _>(id)
            .bind::<Timestamptz, _>(now)
            .execute(&mut conn)
            .await;
        assert_eq!(ended.unwrap(), 1);
        let event = v1::ReservationCancelled {
            reservation: Some(v1::Reservation {
                id: id.to_string(),
                accommodation_id: lodging,
                code: code(id),
                ..v1::Reservation::default()
            }),
            by: "guest".to_owned(),
            reason: String::new(),
        };
        let context = Context::new(now, Actor::Guest, None);
        outbox::append(&conn, &context, &event).await.unwrap();
    }

    /// Waits until every event has been published and heard.
    pub(crate) async fn events_are_heard(&self) {
        let unheard = "SELECT count(*) AS number FROM outbox_events o WHERE published_at IS NULL OR \
                       (name = 'reservation.cancelled.v1' AND NOT EXISTS (SELECT FROM inbox_events WHERE event_id = o.id))";
        wait_until(SOON, async || self.number(unheard).await == 0).await;
    }

    /// Runs a statement behind the service's back.
    pub(crate) async fn sql(&self, statement: &str) {
        diesel::sql_query(statement)
            .execute(&mut self.database.conn().await)
            .await
            .unwrap();
    }

    pub(crate) async fn number(&self, query: &str) -> i64 {
        let number: Number = diesel::sql_query(query)
            .get_result(&mut self.database.conn().await)
            .await
            .unwrap();
        number.number
    }
}

/// The nights of a range.
pub(crate) fn nights(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |night| night.next_day()).take_while(move |night| *night < to)
}

fn settings(
    database: &TestDatabase,
    broker: Option<&TestBroker>,
    sandbox: &sandbox::Running,
    more: &[(&str, &str)],
) -> ical_sync::settings::Settings {
    let amqp_url = broker.map(|broker| broker.url().to_string());
    let allowed = sandbox
        .url
        .as_str()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut variables = vec![
        ("DATABASE_URL", database.url().as_str()),
        ("AMQP_URL", amqp_url.as_deref().unwrap_or(NOWHERE)),
        ("ICAL_ALLOWED_HOSTS", allowed),
        ("ICAL_FETCH_SECONDS", "2"),
        ("ICAL_EXPORT_MILLISECONDS", "0"),
        // Every played channel lives at one host.
        ("ICAL_HOST_AT_ONCE", "1000"),
        ("ICAL_HOST_PER_MINUTE", "1000000"),
    ];
    variables.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    variables.extend_from_slice(more);
    service::settings::load_from(&variables).unwrap()
}

pub(crate) fn code(id: Uuid) -> String {
    format!("RES{}", id.simple())
        .to_uppercase()
        .chars()
        .take(15)
        .collect()
}

fn facts(time_zone: &str) -> Facts {
    let pesos = |whole: i64| Money::new(whole * 100, Currency::ARS).unwrap();
    Facts {
        name: "Cabaña del Bosque".to_owned(),
        description: String::new(),
        city: "Villa La Angostura".to_owned(),
        country: "AR".to_owned(),
        time_zone: time_zone.to_owned(),
        terms: Terms {
            base_price: pesos(48_000),
            weekend_multiplier: BasisPoints(12_000),
            cleaning_fee: pesos(12_000),
            extra_guest_fee: pesos(9_000),
            included_guests: 2,
            max_guests: 4,
            min_nights: 1,
            max_nights: 30,
            deposit: BasisPoints(3_000),
            cancellation: CancellationPolicy::new(7, 2, BasisPoints(5_000)).unwrap(),
            seasons: Vec::new(),
        },
        check_in_time: time!(15:00),
        check_out_time: time!(11:00),
        photos: Vec::new(),
        amenities: Vec::new(),
        house_rules: String::new(),
    }
}
