//! `reservations`: stays, from hold to departure. Written by the service `reservations`.
//!
//! Lock order, everywhere: the lodging's row, then the reservation's, then a payment's. [`lock`] keeps it.

mod change;
mod due;
mod hold;
mod list;
mod month;
mod nights;
mod predicates;
mod quote;
mod row;
mod stats;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::money::Money;
use domain::pricing::Quote;
use domain::reservation::{Channel, PaymentStatus, Status};
use domain::stay::Stay;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::accommodations::{self, Locked};
use crate::schema::reservations;
use row::Row;

pub use change::{ConfirmError, Money as MoneyChange, confirm, end, extend, set_money};
pub use due::{Due, due_holds_of, holds_to_remind, lodgings_with_due_holds, remind, stays_to_complete};
pub use hold::{Checks, Contactable, InsertHoldError, NewHold, check, insert_hold, lock_and_check};
pub use list::{Cursor, Filter, Summary, list};
pub use month::{MonthBlock, MonthStay, blocks_touching, stays_touching};
pub use nights::{closed, due_holds_over, free_for};
pub use stats::{Stats, occupied_nights, stats};

/// A reservation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub code: ReservationCode,
    /// The lodging.
    pub accommodation: AccommodationId,
    /// The nights.
    pub stay: Stay,
    /// Where it stands.
    pub status: Status,
    /// How its money stands.
    pub payment_status: PaymentStatus,
    /// How it came.
    pub channel: Channel,
    /// How many people stay.
    pub guests: u16,
    /// What confirms it when paid.
    pub deposit: Money,
    /// What the stay costs.
    pub total: Money,
    /// What has been paid and not gone back.
    pub paid: Money,
    /// The price as it was sold.
    pub quote: Quote,
    /// Until when an unpaid hold lasts; kept afterwards.
    pub expires_at: Option<OffsetDateTime>,
    /// SHA-256 of the guest's access token.
    pub access_token_hash: Vec<u8>,
    /// When it was confirmed.
    pub confirmed_at: Option<OffsetDateTime>,
    /// When the guest was reminded of the end of the hold.
    pub reminded_at: Option<OffsetDateTime>,
    /// When the hold was made longer for the rest of a deposit.
    pub extended_at: Option<OffsetDateTime>,
    /// When it was held.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

impl Reservation {
    /// What the house's events tell about it.
    #[must_use]
    pub fn facts(&self) -> events::v1::Reservation {
        events::reservation_facts(
            self.id,
            &self.code,
            self.accommodation,
            self.stay,
            self.guests,
            self.channel.as_str(),
            self.total,
            self.deposit,
        )
    }
}

/// The reservation that people call `code`.
///
/// # Errors
///
/// The store's failure.
pub async fn find_by_code(
    mut conn: &AsyncPgConnection,
    code: &ReservationCode,
) -> QueryResult<Option<Reservation>> {
    let row = reservations::table
        .filter(reservations::code.eq(code.as_str()))
        .select(Row::as_select())
        .first(&mut conn)
        .await
        .optional()?;
    row.map(Reservation::try_from).transpose()
}

/// The reservation `id`.
///
/// # Errors
///
/// The store's failure.
pub async fn find(mut conn: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Reservation>> {
    let row = reservations::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await
        .optional()?;
    row.map(Reservation::try_from).transpose()
}

/// Locks the reservation's lodging, then the reservation, until the caller's transaction ends.
///
/// The lodging's row is what serialises all who take or free its nights; the reservation's own lock is for those who
/// only change that. Both are `FOR NO KEY UPDATE`.
///
/// # Errors
///
/// The store's failure, among it contention if a lock cannot be had in time.
pub async fn lock(mut conn: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<(Locked, Reservation)>> {
    // A reservation never moves to another lodging, so that this needs no lock.
    let accommodation: Option<i64> = reservations::table
        .find(id)
        .select(reservations::accommodation_id)
        .first(&mut conn)
        .await
        .optional()?;
    let Some(accommodation) = accommodation else {
        return Ok(None);
    };
    let Some(lodging) = accommodations::lock(conn, AccommodationId(accommodation)).await? else {
        return Ok(None);
    };
    let row: Row = reservations::table
        .find(id)
        .for_no_key_update()
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    Ok(Some((lodging, Reservation::try_from(row)?)))
}
