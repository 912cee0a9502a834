//! What our books say, read past the services.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::code::ReservationCode;
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings, dead_letters};
use storage::Connection;
use storage::payments::{self, StoredPayment};
use storage::reservations::{self, Reservation};
use storage::{outbox, timeline};
use testkit::wait_until;
use uuid::Uuid;

use super::World;
use super::guest::Hold;

/// How long what is under way may take.
const COMES_TO_REST_WITHIN: Duration = Duration::from_secs(30);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl World {
    pub(crate) async fn reservation(&self, hold: &Hold) -> Reservation {
        let conn = self.database.conn().await;
        let code: ReservationCode = hold.code.parse().unwrap();
        let found = reservations::find_by_code(&conn, &code).await;
        found.unwrap().unwrap()
    }

    /// The payments of a reservation, oldest first.
    pub(crate) async fn payments_of(&self, hold: &Hold) -> Vec<StoredPayment> {
        let reservation = self.reservation(hold).await.id;
        let mut conn = self.database.conn().await;
        payments::of_reservation(&mut conn, reservation).await.unwrap()
    }

    /// A connection that leads to the database directly.
    pub(crate) async fn conn(&self) -> Connection {
        self.database.conn().await
    }

    /// Our id of a payment of the provider's.
    pub(crate) async fn payment_id(&self, provider_id: u64) -> Option<Uuid> {
        Some(self.payment(provider_id).await?.id)
    }

    /// Our id of a payment of the provider's, if it waits for a person.
    pub(crate) async fn parked_payment_id(&self, provider_id: u64) -> Option<Uuid> {
        let payment = self.payment(provider_id).await?;
        payment.is_parked().then_some(payment.id)
    }

    async fn payment(&self, provider_id: u64) -> Option<StoredPayment> {
        let mut conn = self.database.conn().await;
        let found = payments::find_by_provider_id(&mut conn, &provider_id.to_string()).await;
        found.unwrap()
    }

    /// The kinds of what happened to a reservation, oldest first.
    pub(crate) async fn timeline(&self, hold: &Hold) -> Vec<String> {
        let reservation = self.reservation(hold).await.id;
        let conn = self.database.conn().await;
        let entries = timeline::of(&conn, reservation, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }

    /// The names of the events about a reservation.
    pub(crate) async fn events_of(&self, hold: &Hold) -> Vec<String> {
        let mut conn = self.database.conn().await;
        let events = outbox::about(&mut conn, &hold.code, 1_000).await.unwrap();
        events.into_iter().map(|(_, name, _, _)| name).collect()
    }

    /// How many events wait to be published.
    pub(crate) async fn waits_in_outbox(&self) -> i64 {
        self.count("SELECT count(*) AS count FROM outbox_events WHERE published_at IS NULL")
            .await
    }

    /// Waits until every event is published and every queue is empty.
    pub(crate) async fn wait_until_at_rest(&self) {
        wait_until(COMES_TO_REST_WITHIN, async || {
            self.waits_in_outbox().await == 0 && self.unread_events().await == 0
        })
        .await;
    }

    /// How many events of these services nobody has worked on.
    async fn unread_events(&self) -> i64 {
        self.count(
            "SELECT count(*) AS count FROM outbox_events events JOIN (VALUES \
             ('payment.approved.v1', 'reservations.payment-approved'), \
             ('payment.refunded.v1', 'reservations.payment-refunded'), \
             ('reservation.confirmed.v1', 'payments.reservation-confirmed'), \
             ('reservation.refund_requested.v1', 'payments.reservation-refund-requested'), \
             ('webhook.mercadopago_notified.v1', 'payments.webhook-mercadopago-notified')) heard (name, consumer) \
             ON heard.name = events.name \
             WHERE NOT EXISTS (SELECT FROM inbox_events inbox \
             WHERE inbox.event_id = events.id AND inbox.consumer = heard.consumer)",
        )
        .await
    }

    /// How many holds are neither confirmed nor ended, and how many approved payments nobody has judged.
    pub(crate) async fn unsettled(&self) -> i64 {
        self.count(
            "SELECT (SELECT count(*) FROM payments WHERE state = 'approved' AND resolution IS NULL) \
             + (SELECT count(*) FROM reservations held WHERE reservation_status = 'pre_reserved' \
             AND EXISTS (SELECT FROM payment_links WHERE reservation_id = held.id)) AS count",
        )
        .await
    }

    /// How many refunds have not ended.
    pub(crate) async fn refunds_open(&self) -> i64 {
        self.count("SELECT count(*) AS count FROM refunds WHERE state IN ('requested', 'in_process')")
            .await
    }

    /// How many refunds there are.
    pub(crate) async fn refunds_made(&self) -> i64 {
        self.count("SELECT count(*) AS count FROM refunds").await
    }

    /// How many payments we know of.
    pub(crate) async fn payments_known(&self) -> i64 {
        self.count("SELECT count(*) AS count FROM payments").await
    }

    /// How many stays are confirmed, and how many of them exactly paid.
    pub(crate) async fn confirmed_and_paid(&self) -> (i64, i64) {
        let confirmed = "SELECT count(*) AS count FROM reservations WHERE reservation_status = 'confirmed'";
        let paid = format!("{confirmed} AND paid_minor = deposit_minor AND payment_status = 'paid'");
        (self.count(confirmed).await, self.count(&paid).await)
    }

    /// How many payments confirmed something more than once.
    pub(crate) async fn settled_more_than_once(&self) -> i64 {
        self.count(
            "SELECT count(*) AS count FROM (SELECT FROM reservation_timeline \
             WHERE kind IN ('confirmed', 'revived', 'payment_credited', 'partially_paid') \
             GROUP BY detail ->> 'payment_id' HAVING 1 < count(*)) doubled",
        )
        .await
    }

    /// What nobody could process, in words.
    pub(crate) async fn dead_letters(&self) -> Vec<String> {
        let settings = BrokerSettings::new(self.broker.url().as_str(), "tests").unwrap();
        let broker = Broker::start(settings.with_topology(Topology::of_services(&[])));
        assert!(broker.connected().await);
        let dead = dead_letters::list(&broker, 1_000).await.unwrap();
        broker.stop();
        let words = dead.into_iter().map(|letter| {
            format!(
                "{:?} of {:?}: {:?}",
                letter.queue, letter.correlation_id, letter.reason
            )
        });
        words.collect()
    }

    async fn count(&self, query: &str) -> i64 {
        let mut conn = self.database.conn().await;
        let row: Count = diesel::sql_query(query).get_result(&mut conn).await.unwrap();
        row.count
    }
}
