//! What a payment link needs to know of a reservation, read from the tables of `reservations`.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::code::ReservationCode;
use domain::money::{Currency, Money};
use domain::reservation::{PaymentStatus, Status};
use domain::stay::Stay;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::{accommodations, payment_links, reservations};

/// A reservation as someone who owes money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor {
    /// The reservation's id.
    pub reservation: Uuid,
    /// Its code.
    pub code: ReservationCode,
    /// Where it stands.
    pub status: Status,
    /// How its money stands.
    pub payment_status: PaymentStatus,
    /// Its nights.
    pub stay: Stay,
    /// The lodging's name.
    pub lodging: String,
    /// The lodging's time zone.
    pub time_zone: String,
    /// What confirms it.
    pub deposit: Money,
    /// What has been paid.
    pub paid: Money,
    /// Until when its nights are held.
    pub expires_at: Option<OffsetDateTime>,
    /// The hash of the guest's access token.
    pub access_token_hash: Vec<u8>,
}

impl Debtor {
    /// What of the deposit is still missing.
    #[must_use]
    pub fn owes(&self) -> Money {
        self.deposit.less(self.paid).unwrap_or(self.deposit)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = reservations)]
struct Row {
    id: Uuid,
    code: String,
    reservation_status: String,
    payment_status: String,
    check_in: Date,
    check_out: Date,
    currency: String,
    deposit_minor: i64,
    paid_minor: i64,
    expires_at: Option<OffsetDateTime>,
    access_token_hash: Vec<u8>,
}

/// The reservation with this id.
///
/// # Errors
///
/// The store's failure.
pub async fn debtor(conn: &mut AsyncPgConnection, reservation: Uuid) -> QueryResult<Option<Debtor>> {
    let row = reservations::table
        .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
        .filter(reservations::id.eq(reservation))
        .select((Row::as_select(), accommodations::name, accommodations::time_zone))
        .first(conn)
        .await
        .optional()?;
    row.map(decode).transpose()
}

/// The reservation with this code.
///
/// # Errors
///
/// The store's failure.
pub async fn debtor_of(conn: &mut AsyncPgConnection, code: &ReservationCode) -> QueryResult<Option<Debtor>> {
    let row = reservations::table
        .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
        .filter(reservations::code.eq(code.as_str()))
        .select((Row::as_select(), accommodations::name, accommodations::time_zone))
        .first(conn)
        .await
        .optional()?;
    row.map(decode).transpose()
}

/// Holds made before `before` that run beyond `now` and have no live link for what they owe until they end, soonest to
/// end first: the sweep behind `reservation.held.v1`, which also finds holds that were extended or paid in part.
///
/// # Errors
///
/// The store's failure.
pub async fn holds_without_link(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    let live = payment_links::table
        .filter(payment_links::reservation_id.eq(reservations::id))
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::amount_minor.eq(reservations::deposit_minor - reservations::paid_minor))
        .filter(payment_links::expires_at.nullable().eq(reservations::expires_at))
        .select(payment_links::id);
    reservations::table
        .filter(reservations::reservation_status.eq(Status::PreReserved.as_str()))
        .filter(reservations::expires_at.gt(now))
        .filter(reservations::created_at.lt(before))
        .filter(reservations::paid_minor.lt(reservations::deposit_minor))
        .filter(not(exists(live)))
        .order(reservations::expires_at)
        .limit(limit)
        .select(reservations::id)
        .load(conn)
        .await
}

fn decode((row, lodging, time_zone): (Row, String, String)) -> QueryResult<Debtor> {
    let broken = |column: &'static str| InvalidRow::failure("reservations", column, &row.id);
    let currency: Currency = row.currency.parse().map_err(|_why| broken("currency"))?;
    Ok(Debtor {
        reservation: row.id,
        code: row.code.parse().map_err(|_why| broken("code"))?,
        status: row
            .reservation_status
            .parse()
            .map_err(|_why| broken("reservation_status"))?,
        payment_status: row
            .payment_status
            .parse()
            .map_err(|_why| broken("payment_status"))?,
        stay: Stay::new(row.check_in, row.check_out).map_err(|_why| broken("check_out"))?,
        lodging,
        time_zone,
        deposit: Money::new(row.deposit_minor, currency).map_err(|_why| broken("deposit_minor"))?,
        paid: Money::new(row.paid_minor, currency).map_err(|_why| broken("paid_minor"))?,
        expires_at: row.expires_at,
        access_token_hash: row.access_token_hash,
    })
}
