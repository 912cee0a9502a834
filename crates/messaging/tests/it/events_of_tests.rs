//! Events to send, and a handler's effect that can be counted.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use domain::reservation::Actor;
use events::v1;
use messaging::{Delivery, Outcome};
use storage::{Context, Database, inbox, outbox};
use uuid::Uuid;

use crate::world::now;

pub(crate) const HELD: &str = "reservation.held.v1";
pub(crate) const LINK_READY: &str = "payment.link_ready.v1";
pub(crate) const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(crate) fn held(code: &str) -> v1::ReservationHeld {
    let reservation = v1::Reservation {
        code: code.to_owned(),
        ..v1::Reservation::default()
    };
    v1::ReservationHeld {
        reservation: Some(reservation),
        ..v1::ReservationHeld::default()
    }
}

pub(crate) fn code(delivery: &Delivery<v1::ReservationHeld>) -> String {
    delivery.event.reservation.as_ref().unwrap().code.clone()
}

/// Puts one event into the outbox, as a use case does.
pub(crate) async fn announce(database: &Database, code: &str) -> Uuid {
    let conn = database.get().await.unwrap();
    outbox::append(&conn, &context(), &held(code)).await.unwrap()
}

/// The same in a transaction that takes a while until it commits.
pub(crate) async fn announce_slowly(conn: &mut AsyncPgConnection, code: &str) {
    conn.transaction(async |conn| {
        outbox::append(conn, &context(), &held(code)).await?;
        diesel::sql_query("SELECT pg_sleep(0.03)").execute(conn).await
    })
    .await
    .unwrap();
}

pub(crate) async fn announce_many(database: &Database, count: usize) {
    let mut conn = database.get().await.unwrap();
    conn.transaction(async |conn| {
        for number in 0..count {
            outbox::append(conn, &context(), &held(&format!("RES{number}"))).await?;
        }
        Ok::<_, diesel::result::Error>(())
    })
    .await
    .unwrap();
}

/// A handler's work: once per event it appends an event of its own, which [`effects`] counts.
pub(crate) async fn effect(database: &Database, delivery: &Delivery<v1::ReservationHeld>) -> Outcome {
    let mut conn = match database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, now()).await? {
                let ready = v1::PaymentLinkReady {
                    reservation_code: code(delivery),
                    ..v1::PaymentLinkReady::default()
                };
                outbox::append(conn, &context(), &ready).await?;
            }
            Ok::<_, diesel::result::Error>(())
        })
        .await;
    match result {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry(error.into()),
    }
}

/// How often [`effect`] had one, whether a relay has published it or not.
pub(crate) async fn effects(database: &Database) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut conn = database.get().await.unwrap();
    let query = diesel::sql_query("SELECT count(*) AS count FROM outbox_events WHERE name = $1");
    let row: Count = query
        .bind::<Text, _>(LINK_READY)
        .get_result(&mut conn)
        .await
        .unwrap();
    row.count
}

fn context() -> Context {
    Context::new(now(), Actor::System("test"), Some(TRACEPARENT.to_owned()))
}
