//! Writing payments: what the provider says, and what became of the money.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::payment::{ParkReason, PaymentState};
use time::OffsetDateTime;
use uuid::Uuid;

use super::row::{FoundBy, Resolution};
use crate::schema::payments;

/// A payment as the provider shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReading {
    /// The reference that it carries.
    pub external_reference: Option<String>,
    /// The reservation that the reference names.
    pub reservation: Option<Uuid>,
    /// Where it stands.
    pub state: PaymentState,
    /// Why, in the provider's words.
    pub state_detail: String,
    /// What was to be paid, in hundredths if the currency is none of ours.
    pub amount_minor: i64,
    /// What of it has gone back, at most all.
    pub refunded_minor: i64,
    /// ISO 4217 as the provider says it; empty if it does not.
    pub currency: String,
    /// Whose account the money is in; empty if the provider does not say.
    pub collector_id: String,
    /// What kind of movement it is; empty if the provider does not say.
    pub operation_type: String,
    /// When the payer began.
    pub provider_created_at: Option<OffsetDateTime>,
    /// When it was approved.
    pub provider_approved_at: Option<OffsetDateTime>,
    /// The provider's clock of changes.
    pub provider_updated_at: OffsetDateTime,
}

/// A payment read for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Our id for it.
    pub id: Uuid,
    /// The provider's.
    pub provider_payment_id: String,
    /// How we came to know of it.
    pub found_by: FoundBy,
    /// What the provider shows.
    pub reading: PaymentReading,
}

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = payments, treat_none_as_null = true)]
struct ReadingRow<'a> {
    external_reference: Option<String>,
    state: &'a str,
    state_detail: &'a str,
    amount_minor: i64,
    refunded_minor: i64,
    currency: &'a str,
    collector_id: &'a str,
    operation_type: &'a str,
    provider_created_at: Option<OffsetDateTime>,
    provider_approved_at: Option<OffsetDateTime>,
    provider_updated_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl<'a> ReadingRow<'a> {
    fn new(reading: &'a PaymentReading, now: OffsetDateTime) -> Self {
        Self {
            external_reference: reading.external_reference.clone(),
            state: reading.state.as_str(),
            state_detail: &reading.state_detail,
            amount_minor: reading.amount_minor,
            refunded_minor: reading.refunded_minor,
            currency: &reading.currency,
            collector_id: &reading.collector_id,
            operation_type: &reading.operation_type,
            provider_created_at: reading.provider_created_at,
            provider_approved_at: reading.provider_approved_at,
            provider_updated_at: reading.provider_updated_at,
            updated_at: now,
        }
    }
}

/// Stores a payment read for the first time; `false` if somebody was faster.
///
/// # Errors
///
/// The store's failure.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    new: &NewPayment,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(payments::table)
        .values((
            payments::id.eq(new.id),
            payments::provider_payment_id.eq(&new.provider_payment_id),
            payments::reservation_id.eq(new.reading.reservation),
            payments::found_by.eq(new.found_by.as_str()),
            payments::created_at.eq(now),
            ReadingRow::new(&new.reading, now),
        ))
        .on_conflict((payments::provider, payments::provider_payment_id))
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Replaces what is stored by a newer reading. A payment once attached to a reservation stays with it.
///
/// # Errors
///
/// The store's failure.
pub async fn advance(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    reading: &PaymentReading,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(payments::table.find(id))
        .set(ReadingRow::new(reading, now))
        .execute(conn)
        .await?;
    if let Some(reservation) = reading.reservation {
        let unattached = payments::table
            .find(id)
            .filter(payments::reservation_id.is_null());
        diesel::update(unattached)
            .set(payments::reservation_id.eq(reservation))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Notes what became of approved money, once: `false` if that was noted before, and then nothing may be credited.
///
/// # Errors
///
/// The store's failure.
pub async fn resolve(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    resolution: Resolution,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let unresolved = payments::table.find(id).filter(payments::resolution.is_null());
    let resolved = diesel::update(unresolved)
        .set((
            payments::resolution.eq(resolution.as_str()),
            payments::resolved_at.eq(now),
            payments::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(resolved == 1)
}

/// Leaves to be judged anew what was credited to a reservation that ends, and is disputed now: if the dispute ends well,
/// the money is late money.
///
/// # Errors
///
/// The store's failure.
pub async fn reopen_disputed(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let credited = [
        Resolution::Confirmed,
        Resolution::Revived,
        Resolution::PartiallyPaid,
    ];
    let disputed = [PaymentState::InMediation, PaymentState::ChargedBack];
    let payments = payments::table
        .filter(payments::reservation_id.eq(reservation))
        .filter(payments::state.eq_any(disputed.iter().map(PaymentState::as_str)))
        .filter(payments::resolution.eq_any(credited.map(|resolution| Some(resolution.as_str()))));
    diesel::update(payments)
        .set((
            payments::resolution.eq(None::<&str>),
            payments::resolved_at.eq(None::<OffsetDateTime>),
            payments::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a payment before a person. Money that is part of a stay stays so; other money is no longer in anybody's hands.
///
/// # Errors
///
/// The store's failure.
pub async fn park(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    reason: ParkReason,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(payments::table.find(id))
        .set((
            payments::park_reason.eq(reason.as_str()),
            payments::parked_at.eq(now),
            payments::dismissed_at.eq(None::<OffsetDateTime>),
            payments::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    let credited = [
        Resolution::Confirmed,
        Resolution::Revived,
        Resolution::PartiallyPaid,
    ];
    let credited = credited.map(|resolution| Some(resolution.as_str()));
    let free = payments::table.find(id).filter(
        payments::resolution
            .is_null()
            .or(payments::resolution.ne_all(credited)),
    );
    diesel::update(free)
        .set((
            payments::resolution.eq(Resolution::Parked.as_str()),
            payments::resolved_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a payment out of the parking lot: a person has decided, or the provider has made the question idle.
/// `resolution` is what becomes of money that was parked; `None` leaves it to be judged anew.
///
/// # Errors
///
/// The store's failure.
pub async fn unpark(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    resolution: Option<Resolution>,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(payments::table.find(id))
        .set((payments::dismissed_at.eq(now), payments::updated_at.eq(now)))
        .execute(conn)
        .await?;
    let parked = payments::table
        .find(id)
        .filter(payments::resolution.eq(Resolution::Parked.as_str()));
    diesel::update(parked)
        .set((
            payments::resolution.eq(resolution.map(Resolution::as_str)),
            payments::resolved_at.eq(resolution.map(|_| now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Says which reservation a payment is for, by a person's word.
///
/// # Errors
///
/// The store's failure.
pub async fn attach(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(payments::table.find(id))
        .set((
            payments::reservation_id.eq(reservation),
            payments::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that a payment was announced again, so that the sweep leaves it alone for a while.
///
/// # Errors
///
/// The store's failure.
pub async fn touch(conn: &mut AsyncPgConnection, id: Uuid, now: OffsetDateTime) -> QueryResult<()> {
    diesel::update(payments::table.find(id))
        .set(payments::updated_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}
