//! What a message to a guest says about the stay, and which stays nobody was told about.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::money::{Currency, Money};
use domain::reservation::Status;
use domain::stay::Stay;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::{accommodations, reservations};

/// A stay as its guest is told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The reservation.
    pub reservation: Uuid,
    /// What people call it.
    pub code: String,
    /// The lodging's name.
    pub lodging: String,
    /// The lodging's time zone, by its IANA name.
    pub time_zone: String,
    /// The nights.
    pub stay: Stay,
    /// How many people stay.
    pub guests: i32,
    /// Where it stands.
    pub status: Status,
    /// What it costs.
    pub total: Money,
    /// What has been paid and not gone back.
    pub paid: Money,
    /// The guest's name.
    pub name: String,
    /// The guest's telephone in E.164; without one there is only an e-mail address.
    pub phone: Option<String>,
}

type Row = (
    (Uuid, String, String, String),
    (Date, Date, i32, String),
    (String, i64, i64),
    (String, Option<String>),
);

/// The stay of a reservation.
///
/// # Errors
///
/// The store's failure.
pub async fn booking(conn: &mut AsyncPgConnection, reservation: Uuid) -> QueryResult<Option<Booking>> {
    let row: Option<Row> = reservations::table
        .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
        .filter(reservations::id.eq(reservation))
        .select((
            (
                reservations::id,
                reservations::code,
                accommodations::name,
                accommodations::time_zone,
            ),
            (
                reservations::check_in,
                reservations::check_out,
                reservations::guests,
                reservations::reservation_status,
            ),
            (
                reservations::currency,
                reservations::total_minor,
                reservations::paid_minor,
            ),
            (reservations::contact_name, reservations::contact_phone),
        ))
        .first(conn)
        .await
        .optional()?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> QueryResult<Booking> {
    let ((reservation, code, lodging, time_zone), stay, money, (name, phone)) = row;
    let (check_in, check_out, guests, status) = stay;
    let (currency, total, paid) = money;
    let wrong = |column| InvalidRow::failure("reservations", column, &reservation);
    let currency: Currency = currency.parse().or(Err(wrong("currency")))?;
    Ok(Booking {
        reservation,
        code,
        lodging,
        time_zone,
        stay: Stay::new(check_in, check_out).or(Err(wrong("check_out")))?,
        guests,
        status: status.parse().or(Err(wrong("reservation_status")))?,
        total: Money::new(total, currency).or(Err(wrong("total_minor")))?,
        paid: Money::new(paid, currency).or(Err(wrong("paid_minor")))?,
        name,
        phone,
    })
}

/// Up to `limit` stays confirmed between `since` and `before` whose guest has a telephone and was not told.
///
/// # Errors
///
/// The store's failure.
pub async fn confirmed_untold(
    conn: &mut AsyncPgConnection,
    since: OffsetDateTime,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    let untold = sql::<Bool>(
        "reservation_status = 'confirmed' AND NOT EXISTS \
         (SELECT FROM messages WHERE fact = 'reservation.confirmed.v1:' || reservations.code)",
    );
    reservations::table
        .filter(untold)
        .filter(reservations::contact_phone.is_not_null())
        .filter(reservations::confirmed_at.ge(since))
        .filter(reservations::confirmed_at.lt(before))
        .order(reservations::confirmed_at)
        .limit(limit)
        .select(reservations::id)
        .load(conn)
        .await
}

/// Up to `limit` holds that end after `now`, with their end, whose guest has a telephone, was to be reminded of that
/// end, and was not.
///
/// # Errors
///
/// The store's failure.
pub async fn reminder_untold(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<(Uuid, OffsetDateTime)>> {
    let untold = sql::<Bool>(
        "reservation_status = 'pre_reserved' AND NOT EXISTS (SELECT FROM messages WHERE fact = \
         'reservation.reminder:' || reservations.code || ':' || floor(extract(epoch FROM reservations.expires_at))::bigint)",
    );
    reservations::table
        .filter(untold)
        .filter(reservations::contact_phone.is_not_null())
        .filter(reservations::reminded_at.is_not_null())
        .filter(reservations::expires_at.gt(now))
        .order(reservations::expires_at)
        .limit(limit)
        .select((reservations::id, reservations::expires_at.assume_not_null()))
        .load(conn)
        .await
}
