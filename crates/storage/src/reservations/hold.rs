//! What a new hold needs: its locks, its checks in one statement, and its insertion.

use std::ops::Bound;

use diesel::dsl::{count_star, exists, sql};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::contact::Contact;
use domain::pricing::Quote;
use domain::reservation::{Channel, PaymentStatus, Status};
use domain::stay::Stay;
use futures_util::future::join;
use ring::digest;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::predicates::{FirstKey, IsHoldOfSomebody, SecondKey, TakesNights};
use super::{Reservation, quote};
use crate::accommodations::Locked;
use crate::error::{Refusal, refusal};
use crate::prepared::{Insert, Prepared};
use crate::schema::{accommodations, calendar_blocks, reservations};

/// A hold on its way into the table.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// Its id.
    pub id: Uuid,
    /// What people will call it.
    pub code: ReservationCode,
    /// The lodging.
    pub accommodation: AccommodationId,
    /// The nights.
    pub stay: Stay,
    /// How many people stay.
    pub guests: u16,
    /// How it came.
    pub channel: Channel,
    /// Who books.
    pub contact: Contactable,
    /// The price as sold.
    pub quote: Quote,
    /// Until when the nights are held.
    pub expires_at: OffsetDateTime,
    /// SHA-256 of the guest's access token.
    pub access_token_hash: Vec<u8>,
}

/// Who books, and from where.
#[derive(Debug, Clone)]
pub struct Contactable {
    /// Name, phone and e-mail address.
    pub contact: Contact,
    /// The contact's keys: two bookings are of one contact if they share one.
    pub keys: Vec<String>,
    /// The guest's address in the net, if it is known.
    pub client_address: Option<String>,
}

/// What stands in the way of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Checks {
    /// Another stay, or a hold that has not run out, has one of the nights.
    pub taken: bool,
    /// A hold that has run out, but is not yet expired, has one of the nights.
    pub run_out: bool,
    /// Another channel closed one of the nights.
    pub blocked: bool,
    holds_of_phone: Option<i64>,
    holds_of_email: Option<i64>,
    holds_of_email_and_another_phone: Option<i64>,
    holds_of_address: Option<i64>,
}

impl Checks {
    /// How many unpaid holds the contact has.
    #[must_use]
    pub fn holds_of_contact(&self) -> i64 {
        let counts = [
            self.holds_of_phone,
            self.holds_of_email,
            self.holds_of_email_and_another_phone,
        ];
        counts.into_iter().flatten().sum()
    }

    /// How many unpaid holds came from the address.
    #[must_use]
    pub fn holds_of_address(&self) -> i64 {
        self.holds_of_address.unwrap_or(0)
    }
}

/// What storing a hold can answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum InsertHoldError {
    /// Another reservation has one of the nights (`reservations_no_overlap`).
    #[error("another reservation has one of the nights")]
    NightsTaken(#[source] DieselError),
    /// Another channel closed one of the nights (`reservations_no_blocked_night`).
    #[error("another channel closed one of the nights")]
    NightsBlocked(#[source] DieselError),
    /// Another reservation has the code (`reservations_code_key`): draw again.
    #[error("another reservation has the code")]
    CodeTaken,
    /// The store's failure.
    #[error("insert into reservations")]
    Query(#[source] DieselError),
}

impl From<DieselError> for InsertHoldError {
    fn from(error: DieselError) -> Self {
        match refusal(&error) {
            Some(Refusal::Constraint("reservations_no_overlap")) => Self::NightsTaken(error),
            Some(Refusal::Constraint("reservations_no_blocked_night")) => Self::NightsBlocked(error),
            Some(Refusal::Constraint("reservations_code_key")) => Self::CodeTaken,
            _ => Self::Query(error),
        }
    }
}

/// Takes the locks of the contact and of the lodging until the transaction ends, and then does [`check`]: `None` if
/// there is no such lodging.
///
/// Both statements go to the database together, the lock first: `join` asks in this order, and a connection prepares
/// one statement after the other, so that none overtakes one that is not prepared yet.
///
/// # Errors
///
/// The store's failure, among it contention if a lock cannot be had in time.
pub async fn lock_and_check(
    conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    stay: Stay,
    by: &Contactable,
    now: OffsetDateTime,
) -> QueryResult<Option<(Locked, Checks)>> {
    let (locked, checks) = join(
        lock(conn, accommodation, &by.keys),
        check(conn, accommodation, stay, by, now),
    )
    .await;
    let Some(locked) = locked? else {
        return Ok(None);
    };
    Ok(Some((locked, checks?)))
}

/// Lets the holds of one contact come one after the other, whatever lodging they are for, then those of the lodging.
///
/// The keys are locked in the order of their numbers, so that two transactions never wait for each other. The lodging's
/// row is locked only once its condition is known to be true, and that takes the contact's locks.
async fn lock(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    contact_keys: &[String],
) -> QueryResult<Option<Locked>> {
    let mut numbers: Vec<i64> = contact_keys.iter().map(|key| lock_number(key)).collect();
    numbers.sort_unstable();
    // `unnest` gives its rows one after the other, in the order of the array.
    let contact_locked = sql::<Bool>("(SELECT count(pg_advisory_xact_lock(number)) FROM unnest(")
        .bind::<Array<BigInt>, _>(numbers)
        .sql(") AS keys (number)) >= 0");
    let lock = accommodations::table
        .find(accommodation.0)
        .filter(contact_locked)
        .for_no_key_update()
        .select((
            accommodations::active,
            accommodations::time_zone,
            accommodations::updated_at,
        ));
    Prepared(lock).get_result(&mut conn).await.optional()
}

/// Looks at everything that can refuse a hold, in one statement; call it under the lodging's lock to rely on it.
///
/// # Errors
///
/// The store's failure.
pub async fn check(
    mut conn: &AsyncPgConnection,
    accommodation: AccommodationId,
    stay: Stay,
    by: &Contactable,
    now: OffsetDateTime,
) -> QueryResult<Checks> {
    let period = range(stay);
    let over_nights = reservations::accommodation_id
        .eq(accommodation.0)
        .and(reservations::period.overlaps_with(period))
        .and(TakesNights::new(reservations::reservation_status));
    let past_its_end = reservations::reservation_status
        .eq(Status::PreReserved.as_str())
        .and(reservations::expires_at.assume_not_null().le(now));
    let taken = reservations::table.filter(over_nights.and(diesel::dsl::not(past_its_end)));
    let run_out = reservations::table.filter(over_nights.and(past_its_end));
    let blocked = calendar_blocks::table
        .filter(calendar_blocks::accommodation_id.eq(accommodation.0))
        .filter(calendar_blocks::period.overlaps_with(period))
        .filter(calendar_blocks::removed_at.is_null());
    let unpaid = || {
        reservations::table
            .filter(IsHoldOfSomebody::new(reservations::reservation_status))
            .filter(reservations::expires_at.assume_not_null().gt(now))
            .filter(reservations::payment_status.eq(PaymentStatus::Pending.as_str()))
            .select(count_star())
    };
    // Three counts of a contact's holds, each by an equality in an index of its own.
    let (phone, email) = (by.contact.phone_key(), by.contact.email_key());
    let of_phone = unpaid().filter(FirstKey::new(reservations::contact_keys).eq(phone.as_deref()));
    let of_email = unpaid().filter(FirstKey::new(reservations::contact_keys).eq(email.as_deref()));
    let of_email_and_another_phone = unpaid()
        .filter(SecondKey::new(reservations::contact_keys).eq(email.as_deref()))
        .filter(FirstKey::new(reservations::contact_keys).is_distinct_from(phone.as_deref()));
    let of_address = unpaid().filter(reservations::client_address.eq(by.client_address.as_deref()));
    diesel::select((
        exists(taken),
        exists(run_out),
        exists(blocked),
        of_phone.single_value(),
        of_email.single_value(),
        of_email_and_another_phone.single_value(),
        of_address.single_value(),
    ))
    .get_result(&mut conn)
    .await
}

/// The row of `hold`; the database judges overlap, as [`InsertHoldError`] tells.
#[must_use]
pub fn insert_hold(hold: &NewHold, now: OffsetDateTime) -> Insert<'_> {
    let contact = &hold.contact.contact;
    let quote = &hold.quote;
    Insert::new(diesel::insert_into(reservations::table).values((
        (
            reservations::id.eq(hold.id),
            reservations::code.eq(hold.code.as_str()),
            reservations::accommodation_id.eq(hold.accommodation.0),
            reservations::check_in.eq(hold.stay.check_in()),
            reservations::check_out.eq(hold.stay.check_out()),
            reservations::reservation_status.eq(Status::PreReserved.as_str()),
            reservations::channel.eq(hold.channel.as_str()),
            reservations::guests.eq(i32::from(hold.guests)),
        ),
        (
            reservations::contact_name.eq(contact.name()),
            reservations::contact_phone.eq(contact.phone().map(domain::contact::Phone::as_str)),
            reservations::contact_email.eq(contact.email().map(domain::contact::Email::as_str)),
            reservations::contact_keys.eq(&hold.contact.keys),
            reservations::client_address.eq(hold.contact.client_address.as_deref()),
        ),
        (
            reservations::currency.eq(quote.total.currency().code().to_owned()),
            reservations::total_minor.eq(quote.total.minor()),
            reservations::deposit_minor.eq(quote.deposit.minor()),
            reservations::quote.eq(quote::encode(quote)),
            reservations::expires_at.eq(hold.expires_at),
            reservations::access_token_hash.eq(&hold.access_token_hash),
            reservations::calendar_changed_at.eq(now),
            reservations::created_at.eq(now),
            reservations::updated_at.eq(now),
        ),
    )))
}

impl NewHold {
    /// The reservation that storing it at `now` makes.
    #[must_use]
    pub fn stored(self, now: OffsetDateTime) -> Reservation {
        Reservation {
            id: self.id,
            code: self.code,
            accommodation: self.accommodation,
            stay: self.stay,
            status: Status::PreReserved,
            payment_status: PaymentStatus::Pending,
            channel: self.channel,
            guests: self.guests,
            deposit: self.quote.deposit,
            total: self.quote.total,
            paid: domain::money::Money::zero(self.quote.total.currency()),
            quote: self.quote,
            expires_at: Some(self.expires_at),
            access_token_hash: self.access_token_hash,
            confirmed_at: None,
            reminded_at: None,
            extended_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

pub(super) fn range(stay: Stay) -> (Bound<Date>, Bound<Date>) {
    (
        Bound::Included(stay.check_in()),
        Bound::Excluded(stay.check_out()),
    )
}

fn lock_number(key: &str) -> i64 {
    let digest = digest::digest(&digest::SHA256, format!("contact\n{key}").as_bytes());
    let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}
