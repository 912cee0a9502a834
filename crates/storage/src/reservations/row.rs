//! From a row to a reservation.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use domain::accommodation::AccommodationId;
use domain::money::{Currency, Money};
use domain::stay::Stay;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Reservation, quote};
use crate::error::InvalidRow;
use crate::schema::reservations;

#[derive(Queryable, Selectable)]
#[diesel(table_name = reservations)]
pub(super) struct Row {
    id: Uuid,
    code: String,
    accommodation_id: i64,
    check_in: Date,
    check_out: Date,
    reservation_status: String,
    payment_status: String,
    channel: String,
    guests: i32,
    currency: String,
    total_minor: i64,
    deposit_minor: i64,
    paid_minor: i64,
    quote: serde_json::Value,
    expires_at: Option<OffsetDateTime>,
    access_token_hash: Vec<u8>,
    confirmed_at: Option<OffsetDateTime>,
    reminded_at: Option<OffsetDateTime>,
    extended_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TryFrom<Row> for Reservation {
    type Error = DieselError;

    fn try_from(row: Row) -> QueryResult<Self> {
        let broken = |column: &'static str| move || InvalidRow::failure("reservations", column, &row.id);
        let currency: Currency = row.currency.parse().ok().ok_or_else(broken("currency"))?;
        let money =
            |minor: i64, column: &'static str| Money::new(minor, currency).ok().ok_or_else(broken(column));
        Ok(Self {
            id: row.id,
            code: row.code.parse().ok().ok_or_else(broken("code"))?,
            accommodation: AccommodationId(row.accommodation_id),
            stay: Stay::new(row.check_in, row.check_out)
                .ok()
                .ok_or_else(broken("check_out"))?,
            status: row
                .reservation_status
                .parse()
                .ok()
                .ok_or_else(broken("reservation_status"))?,
            payment_status: row
                .payment_status
                .parse()
                .ok()
                .ok_or_else(broken("payment_status"))?,
            channel: row.channel.parse().ok().ok_or_else(broken("channel"))?,
            guests: u16::try_from(row.guests).ok().ok_or_else(broken("guests"))?,
            deposit: money(row.deposit_minor, "deposit_minor")?,
            total: money(row.total_minor, "total_minor")?,
            paid: money(row.paid_minor, "paid_minor")?,
            quote: quote::decode(row.quote, currency).ok_or_else(broken("quote"))?,
            expires_at: row.expires_at,
            access_token_hash: row.access_token_hash,
            confirmed_at: row.confirmed_at,
            reminded_at: row.reminded_at,
            extended_at: row.extended_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
