//! Rows to begin with, and questions to the database itself.

use std::time::Duration;

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{money::Money, reservation::Actor};
use events::v1::WebhookWhatsappReceived;
use storage::Context;
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// The longest that anything may take; the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The clock stands.
pub(crate) fn now() -> OffsetDateTime {
    datetime!(2026-03-01 12:00 UTC)
}

pub(crate) fn context() -> Context {
    context_at(now())
}

pub(crate) fn context_at(now: OffsetDateTime) -> Context {
    Context::new(now, Actor::System("test"), None)
}

/// An event about something named `about`.
pub(crate) fn event(about: &str) -> WebhookWhatsappReceived {
    WebhookWhatsappReceived {
        delivery_id: about.to_owned(),
    }
}

pub(crate) fn pesos(whole: i64) -> Money {
    Money::new(whole * 100, "ARS".parse().unwrap()).unwrap()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The column `line` of a query's rows.
pub(crate) async fn lines(conn: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Line> = sql_query(query).load(conn).await.unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// Waits until one connection waits for a lock of another.
pub(crate) async fn until_one_waits_for_a_lock(observer: &mut AsyncPgConnection) {
    let waiting = "SELECT pid::text AS line FROM pg_stat_activity WHERE datname = current_database() AND \
                   wait_event_type = 'Lock'";
    testkit::wait_until(SOON, async || lines(observer, waiting).await.len() == 1).await;
}

/// Runs each statement.
pub(crate) async fn execute(conn: &mut AsyncPgConnection, statements: &[&str]) {
    for statement in statements {
        if let Err(error) = sql_query(*statement).execute(conn).await {
            panic!("{statement}: {error}");
        }
    }
}

/// A lodging with the number 1.
pub(crate) async fn lodging(conn: &mut AsyncPgConnection) {
    let insert = "INSERT INTO accommodations (id, name, base_price_minor, created_at, updated_at) VALUES (1, 'Casa', \
                  10000, '2026-01-01Z', '2026-01-01Z')";
    execute(conn, &[insert]).await;
}

/// A hold of the lodging 1, by code, for `[check_in, check_out)`, until 12:30.
pub(crate) async fn hold(
    conn: &mut AsyncPgConnection,
    code: &str,
    (check_in, check_out): (&str, &str),
) -> diesel::QueryResult<Uuid> {
    let id = Uuid::new_v4();
    let insert = format!(
        "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, channel, guests, \
         contact_name, contact_phone, contact_keys, currency, total_minor, deposit_minor, quote, expires_at, \
         access_token_hash, calendar_changed_at, created_at, updated_at) VALUES ('{id}', '{code}', 1, '{check_in}', \
         '{check_out}', 'pre_reserved', 'web', 2, 'Ana', '+5491100000000', '{{}}', 'ARS', 100000, 30000, '{{}}', \
         '2026-03-01 12:30Z', '\\x00', '2026-03-01 12:00Z', '2026-03-01 12:00Z', '2026-03-01 12:00Z')"
    );
    sql_query(insert).execute(conn).await?;
    Ok(id)
}

/// An approved payment of a reservation, over ARS 300.
pub(crate) async fn payment(conn: &mut AsyncPgConnection, provider_id: &str, reservation: Uuid) -> Uuid {
    let id = Uuid::new_v4();
    let insert = format!(
        "INSERT INTO payments (id, provider_payment_id, reservation_id, state, amount_minor, currency, \
         provider_updated_at, found_by, created_at, updated_at) VALUES ('{id}', '{provider_id}', '{reservation}', \
         'approved', 30000, 'ARS', '2026-03-01 12:00Z', 'webhook', '2026-03-01 12:00Z', '2026-03-01 12:00Z')"
    );
    execute(conn, &[&insert]).await;
    id
}
