//! A house of one's own: its database, its broker, and a WhatsApp that the sandbox plays.

use std::time::Duration;

use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{Event, v1};
use messaging::topology::{EVENTS_EXCHANGE, RetryLadder, Topology};
use messaging::{Broker, BrokerSettings, Message, Publisher};
use reqwest::{Client, Method};
use sandbox::{Options, Running, WhatsAppOptions};
use serde_json::{Value, json};
use service::clock::Clock;
use service::guest_token::{self, GuestTokens};
use testkit::{TestBroker, TestDatabase, wait_for, wait_until};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::mailbox::Mailbox;
use crate::rows::{self, Row};

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The instant at which the clock stands.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

pub(crate) const PHONE: &str = "5491123456789";
pub(crate) const NUMBER_ID: &str = "106540352242922";
pub(crate) const ACCESS_TOKEN: &str = "EAA-the-token-of-tests";
pub(crate) const GUEST_TOKEN_SECRET: &str = "the guest token secret of tests";

pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) database: TestDatabase,
    pub(crate) rabbit: TestBroker,
    pub(crate) sandbox: Running,
    pub(crate) mailbox: Mailbox,
    pub(crate) publisher: Publisher,
    broker: Broker,
    client: Client,
}

/// A stay in the database.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) id: Uuid,
    pub(crate) code: String,
}

impl House {
    pub(crate) async fn open() -> Self {
        service::start::install_crypto();
        let (database, rabbit) = tokio::join!(TestDatabase::create(), TestBroker::create());
        let settings = BrokerSettings::new(rabbit.url().as_str(), "reservations").unwrap();
        let broker = Broker::start(settings.with_topology(topology()));
        let publisher = Publisher::new(&broker);
        let clock = Clock::frozen_at(NOW);
        let pool = testkit::database::open(database.url());
        let mailbox = Mailbox::open(pool, publisher.clone(), clock.clone());
        let sandbox = sandbox::start(Options {
            now: Some(NOW),
            whatsapp: WhatsAppOptions {
                access_token: Some(ACCESS_TOKEN.into()),
                phone_number_id: Some(NUMBER_ID.to_owned()),
                callback_url: Some(mailbox.url.parse().unwrap()),
                status_after: Duration::from_millis(1),
                retry_after: vec![Duration::from_millis(50); 100],
                ..WhatsAppOptions::default()
            },
            ..Options::default()
        })
        .await
        .unwrap();
        assert!(broker.connected().await);
        Self {
            clock,
            database,
            rabbit,
            sandbox,
            mailbox,
            publisher,
            broker,
            client: Client::new(),
        }
    }

    /// The time passes, here and at WhatsApp's.
    pub(crate) async fn wait(&self, duration: time::Duration) {
        self.clock.advance(duration);
        let seconds = duration.whole_seconds();
        self.order("/clock", json!({ "advance_seconds": seconds })).await;
    }

    /// A stay in this status, of a guest with the usual telephone.
    pub(crate) async fn stay(&self, status: &str) -> Stay {
        self.stay_of(status, Some(PHONE)).await
    }

    /// So many, one after the other: the pool of a test is small.
    pub(crate) async fn stays(&self, count: usize, status: &str) -> Vec<Stay> {
        let mut stays = Vec::new();
        for _ in 0..count {
            stays.push(self.stay(status).await);
        }
        stays
    }

    pub(crate) async fn stay_of(&self, status: &str, phone: Option<&str>) -> Stay {
        let id = Uuid::new_v4();
        let letters: String = id.simple().to_string().to_uppercase().chars().take(6).collect();
        let code = format!("RES261124{letters}");
        let token = GuestTokens::new(&GUEST_TOKEN_SECRET.into()).of(id);
        let mut conn = self.database.conn().await;
        diesel::sql_query(
            "WITH lodging AS (INSERT INTO accommodations (name, base_price_minor, created_at, updated_at) \
             VALUES ('Cabaña del Bosque', 5000000, $6, $6) RETURNING id) \
             INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, \
             guests, contact_name, contact_phone, contact_email, contact_keys, currency, total_minor, deposit_minor, \
             paid_minor, quote, expires_at, access_token_hash, calendar_changed_at, confirmed_at, created_at, updated_at) \
             SELECT $1, $2, lodging.id, '2026-12-10', '2026-12-13', $3, 'web', 2, 'Lucía Fernández', $4, \
             'lucia@example.com', '{}', 'ARS', 15000000, 4500000, CASE $3 WHEN 'confirmed' THEN 4500000 ELSE 0 END, \
             '{}', $6::timestamptz + interval '30 minutes', $5, $6, CASE $3 WHEN 'confirmed' THEN $6 END, $6, $6 \
             FROM lodging",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&code)
        .bind::<Text, _>(status)
        .bind::<Nullable<Text>, _>(phone.map(|phone| format!("+{phone}")))
        .bind::<Binary, _>(guest_token::hash(&token))
        .bind::<Timestamptz, _>(self.clock.now())
        .execute(&mut conn)
        .await
        .unwrap();
        Stay { id, code }
    }

    pub(crate) async fn set_status(&self, stay: &Stay, status: &str) {
        let mut conn = self.database.conn().await;
        let update = diesel::sql_query("UPDATE reservations SET reservation_status = $2 WHERE id = $1");
        let update = update.bind::<SqlUuid, _>(stay.id).bind::<Text, _>(status);
        update.execute(&mut conn).await.unwrap();
    }

    /// Changes what is in the database.
    pub(crate) async fn execute(&self, statement: &str) {
        let mut conn = self.database.conn().await;
        diesel::sql_query(statement).execute(&mut conn).await.unwrap();
    }

    /// Announces an event, as a relay does.
    pub(crate) async fn announce<E: Event>(&self, event: &E) -> Uuid {
        let id = Uuid::new_v4();
        self.announce_as(id, event).await;
        id
    }

    pub(crate) async fn announce_as<E: Event>(&self, id: Uuid, event: &E) {
        let message = Message::to_exchange(EVENTS_EXCHANGE, E::NAME, id, event.encode_to_vec());
        self.publisher.publish(&message).await.unwrap();
    }

    pub(crate) async fn announce_confirmed(&self, stay: &Stay) {
        self.announce(&confirmed(stay)).await;
    }

    /// How many messages are among the dead letters.
    pub(crate) async fn dead(&self) -> u32 {
        self.broker.depth(messaging::topology::DEAD_QUEUE).await.unwrap()
    }

    /// Every message in the database, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Row> {
        rows::messages(&self.database).await
    }

    /// Those of the house.
    pub(crate) async fn ours(&self) -> Vec<Row> {
        let all = self.messages().await;
        all.into_iter().filter(|row| row.direction == "out").collect()
    }

    /// Waits until a message of the house stands at `state`, and gives it.
    pub(crate) async fn wait_for_state(&self, state: &str) -> Row {
        wait_for(SOON, async || {
            let ours = self.ours().await;
            ours.into_iter().find(|row| row.state == state)
        })
        .await
    }

    /// Tells the sandbox something, and gives its answer.
    pub(crate) async fn order(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(self.control(path)).json(&body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) async fn ask(&self, path: &str) -> Value {
        let request = self.client.request(Method::GET, self.control(path));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The bodies of all calls to the send API, oldest first, whatever they were answered.
    pub(crate) async fn calls(&self) -> Vec<Value> {
        let all = self.ask("/received?provider=whatsapp&path=/messages").await;
        let body = |request: &Value| serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
        all.as_array().unwrap().iter().map(body).collect()
    }

    /// What is on the guest's telephone from the house.
    pub(crate) async fn arrived(&self, phone: &str) -> Vec<Value> {
        let chat = self.ask(&format!("/whatsapp/chats/{phone}")).await;
        let messages = chat["messages"].as_array().cloned().unwrap_or_default();
        let ours = messages
            .into_iter()
            .filter(|message| message["from_guest"] == false);
        ours.collect()
    }

    /// Waits until the guest has this many messages from the house.
    pub(crate) async fn wait_for_arrivals(&self, phone: &str, count: usize) -> Vec<Value> {
        wait_until(SOON, async || count <= self.arrived(phone).await.len()).await;
        self.arrived(phone).await
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_control{path}", self.sandbox.url)
    }
}

/// The queues of the concierge, and retries within milliseconds.
pub(crate) fn topology() -> Topology {
    let ladder = RetryLadder::new(&[50, 60, 70, 80].map(Duration::from_millis));
    Topology::of_services(&["concierge"]).with_ladder(ladder)
}

pub(crate) fn confirmed(stay: &Stay) -> v1::ReservationConfirmed {
    v1::ReservationConfirmed {
        reservation: Some(facts(stay)),
        ..v1::ReservationConfirmed::default()
    }
}

pub(crate) fn facts(stay: &Stay) -> v1::Reservation {
    v1::Reservation {
        id: stay.id.to_string(),
        code: stay.code.clone(),
        ..v1::Reservation::default()
    }
}

pub(crate) fn link_ready(stay: &Stay) -> v1::PaymentLinkReady {
    v1::PaymentLinkReady {
        reservation_id: stay.id.to_string(),
        reservation_code: stay.code.clone(),
        amount: Some(pesos(45_000)),
        url: "https://pagar.example/1".to_owned(),
        expires_at: "2026-11-24T12:30:00Z".to_owned(),
    }
}

pub(crate) fn pesos(whole: i64) -> v1::Money {
    v1::Money {
        minor: whole * 100,
        currency: "ARS".to_owned(),
    }
}
