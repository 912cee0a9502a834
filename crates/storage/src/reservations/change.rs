//! Changes of a reservation that has been locked; each re-checks the state it starts from.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::money;
use domain::reservation::{PaymentStatus, Status};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{Refusal, refusal};
use crate::prepared::Prepared;
use crate::schema::reservations;

/// How the money of a reservation stands from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// What has been paid and not gone back.
    pub paid: money::Money,
    /// What that means.
    pub status: PaymentStatus,
}

/// What confirming can answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Its nights have gone to another (`reservations_no_overlap`, `reservations_no_blocked_night`).
    #[error("the nights have gone to another")]
    NightsTaken(#[source] DieselError),
    /// It is no longer in the state it was locked in.
    #[error("the reservation changed under its lock")]
    Changed,
    /// The store's failure.
    #[error("confirm a reservation")]
    Query(#[source] DieselError),
}

impl From<DieselError> for ConfirmError {
    fn from(error: DieselError) -> Self {
        match refusal(&error) {
            Some(Refusal::Constraint("reservations_no_overlap" | "reservations_no_blocked_night")) => {
                Self::NightsTaken(error)
            }
            _ => Self::Query(error),
        }
    }
}

/// Confirms a reservation that is `from`: its nights are taken from now on, whatever they were before.
///
/// # Errors
///
/// [`ConfirmError`].
pub async fn confirm(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    from: Status,
    now: OffsetDateTime,
) -> Result<(), ConfirmError> {
    let unchanged = reservations::table
        .find(id)
        .filter(reservations::reservation_status.eq(from.as_str()));
    let update = diesel::update(unchanged).set((
        reservations::reservation_status.eq(Status::Confirmed.as_str()),
        reservations::confirmed_at.eq(now),
        reservations::calendar_sequence.eq(reservations::calendar_sequence + 1),
        reservations::calendar_changed_at.eq(now),
        reservations::updated_at.eq(now),
    ));
    let changed = Prepared(update).execute(&mut conn).await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(ConfirmError::Changed)
    }
}

/// Ends a reservation that is `from` as `to`, which takes no nights; false if it is no longer `from`.
///
/// # Errors
///
/// The store's failure.
pub async fn end(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    from: Status,
    to: Status,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let unchanged = reservations::table
        .find(id)
        .filter(reservations::reservation_status.eq(from.as_str()));
    let update = diesel::update(unchanged).set((
        reservations::reservation_status.eq(to.as_str()),
        reservations::calendar_sequence.eq(reservations::calendar_sequence + 1),
        reservations::calendar_changed_at.eq(now),
        reservations::updated_at.eq(now),
    ));
    let changed = Prepared(update).execute(&mut conn).await?;
    Ok(changed == 1)
}

/// Makes a hold last until `expires_at`, once; false if it is no hold any more or was made longer before.
///
/// # Errors
///
/// The store's failure.
pub async fn extend(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let hold = reservations::table
        .find(id)
        .filter(reservations::reservation_status.eq(Status::PreReserved.as_str()))
        .filter(reservations::extended_at.is_null());
    let update = diesel::update(hold).set((
        reservations::expires_at.eq(expires_at),
        reservations::extended_at.eq(now),
        reservations::reminded_at.eq(None::<OffsetDateTime>),
        reservations::updated_at.eq(now),
    ));
    let changed = Prepared(update).execute(&mut conn).await?;
    Ok(changed == 1)
}

/// Notes how the money stands.
///
/// # Errors
///
/// The store's failure.
pub async fn set_money(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    money: Money,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let update = diesel::update(reservations::table.find(id)).set((
        reservations::paid_minor.eq(money.paid.minor()),
        reservations::payment_status.eq(money.status.as_str()),
        reservations::updated_at.eq(now),
    ));
    Prepared(update).execute(&mut conn).await?;
    Ok(())
}
