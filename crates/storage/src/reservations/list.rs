//! The staff's list: filters, newest first, pages by key so that they stay in place while holds come in.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::money::{Currency, Money};
use domain::reservation::{Channel, PaymentStatus, Status};
use domain::stay::{MAX_NIGHTS, Stay};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::{accommodations, reservations};

diesel::define_sql_function! {
    /// In small letters and without accents.
    fn without_accents(words: Text) -> Text;
}

diesel::define_sql_function! {
    /// What a reservation is found by. Never null, whatever its type says.
    fn search_words(code: Text, name: Text, phone: Nullable<Text>, email: Nullable<Text>) -> Text;
}

/// Which reservations; everything left out is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this lodging.
    pub accommodation: Option<AccommodationId>,
    /// With a night on this day or later.
    pub from: Option<Date>,
    /// With a night before this day.
    pub to: Option<Date>,
    /// In this state.
    pub status: Option<Status>,
    /// With this text in code, name, phone or e-mail address, whatever its accents. Under three characters every
    /// reservation is read.
    pub text: Option<String>,
    /// Only the one with this code.
    pub code: Option<String>,
}

/// Where a page ends: the next one begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When the last reservation of the page was held.
    pub created_at: OffsetDateTime,
    /// Its id.
    pub id: Uuid,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The id.
    pub id: Uuid,
    /// What people call it.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// How its money stands.
    pub payment_status: PaymentStatus,
    /// The lodging.
    pub accommodation: AccommodationId,
    /// The lodging's name.
    pub accommodation_name: String,
    /// The nights.
    pub stay: Stay,
    /// How many people stay.
    pub guests: u16,
    /// How it came.
    pub channel: Channel,
    /// Who booked.
    pub contact_name: String,
    /// In E.164.
    pub contact_phone: Option<String>,
    /// The e-mail address.
    pub contact_email: Option<String>,
    /// What the stay costs.
    pub total: Money,
    /// What confirms it when paid.
    pub deposit: Money,
    /// What has been paid and not gone back.
    pub paid: Money,
    /// Until when an unpaid hold lasts.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was held.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

impl Summary {
    /// The place of this line in the list.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor {
            created_at: self.created_at,
            id: self.id,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = reservations)]
struct Row {
    id: Uuid,
    code: String,
    reservation_status: String,
    payment_status: String,
    accommodation_id: i64,
    check_in: Date,
    check_out: Date,
    guests: i32,
    channel: String,
    contact_name: String,
    contact_phone: Option<String>,
    contact_email: Option<String>,
    currency: String,
    total_minor: i64,
    deposit_minor: i64,
    paid_minor: i64,
    expires_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// Up to `limit` reservations that fit `filter`, newest first, those after `after`.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    mut conn: &AsyncPgConnection,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<Summary>> {
    let mut query = reservations::table
        .inner_join(accommodations::table.on(accommodations::id.eq(reservations::accommodation_id)))
        .order((reservations::created_at.desc(), reservations::id.desc()))
        .limit(limit)
        .select((Row::as_select(), accommodations::name))
        .into_boxed::<Pg>();
    if let Some(accommodation) = filter.accommodation {
        query = query.filter(reservations::accommodation_id.eq(accommodation.0));
    }
    if let Some(from) = filter.from {
        query = query.filter(reservations::check_out.gt(from));
        // The index on check-in bounds the search.
        if let Some(earliest) = from.checked_sub(Duration::days(MAX_NIGHTS)) {
            query = query.filter(reservations::check_in.ge(earliest));
        }
    }
    if let Some(to) = filter.to {
        query = query.filter(reservations::check_in.lt(to));
    }
    if let Some(status) = filter.status {
        query = query.filter(reservations::reservation_status.eq(status.as_str()));
    }
    if let Some(code) = &filter.code {
        query = query.filter(reservations::code.eq(code));
    }
    if let Some(text) = &filter.text {
        let words = search_words(
            reservations::code,
            reservations::contact_name,
            reservations::contact_phone,
            reservations::contact_email,
        );
        query = query.filter(words.like(without_accents(contains(text))));
    }
    if let Some(Cursor { created_at, id }) = after {
        let same = reservations::created_at
            .eq(created_at)
            .and(reservations::id.lt(id));
        query = query
            .filter(reservations::created_at.le(created_at))
            .filter(reservations::created_at.lt(created_at).or(same));
    }
    let rows: Vec<(Row, String)> = query.load(&mut conn).await?;
    rows.into_iter().map(decode).collect()
}

/// The pattern of a text anywhere, its own wildcards taken literally.
fn contains(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn decode((row, accommodation_name): (Row, String)) -> QueryResult<Summary> {
    let broken = |column: &'static str| move || InvalidRow::failure("reservations", column, &row.id);
    let currency: Currency = row.currency.parse().ok().ok_or_else(broken("currency"))?;
    let money =
        |minor: i64, column: &'static str| Money::new(minor, currency).ok().ok_or_else(broken(column));
    Ok(Summary {
        id: row.id,
        code: row.code,
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
        accommodation: AccommodationId(row.accommodation_id),
        accommodation_name,
        stay: Stay::new(row.check_in, row.check_out)
            .ok()
            .ok_or_else(broken("check_out"))?,
        guests: u16::try_from(row.guests).ok().ok_or_else(broken("guests"))?,
        channel: row.channel.parse().ok().ok_or_else(broken("channel"))?,
        contact_name: row.contact_name,
        contact_phone: row.contact_phone,
        contact_email: row.contact_email,
        total: money(row.total_minor, "total_minor")?,
        deposit: money(row.deposit_minor, "deposit_minor")?,
        paid: money(row.paid_minor, "paid_minor")?,
        expires_at: row.expires_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
