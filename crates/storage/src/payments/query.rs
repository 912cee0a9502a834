//! Reading payments.

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::money::Money;
use domain::payment::PaymentState;
use time::OffsetDateTime;
use uuid::Uuid;

use super::row::{Resolution, Row, StoredPayment};
use crate::schema::{payments, refunds};

/// Which payments a list shows; every part may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those with this reference: a reservation's code.
    pub reference: Option<String>,
    /// Only those with this resolution.
    pub resolution: Option<Resolution>,
}

/// Where a page ends: the next one holds what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentCursor {
    /// When the last payment of the page was first read.
    pub created_at: OffsetDateTime,
    /// Its id.
    pub id: Uuid,
}

/// The money of one reservation, as far as the provider holds it for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Approved amounts less what has gone back, in minor units.
    pub held_minor: i64,
    /// How many payments that is.
    pub payments: i64,
}

/// The payment with our id.
///
/// # Errors
///
/// The store's failure.
pub async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<StoredPayment>> {
    let row = payments::table
        .find(id)
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(StoredPayment::try_from).transpose()
}

/// The payment with our id, locked for the caller's transaction.
///
/// # Errors
///
/// The store's failure.
pub async fn lock(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<StoredPayment>> {
    let row = payments::table
        .find(id)
        .for_no_key_update()
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(StoredPayment::try_from).transpose()
}

/// The payment with the provider's id.
///
/// # Errors
///
/// The store's failure.
pub async fn find_by_provider_id(
    conn: &mut AsyncPgConnection,
    provider_id: &str,
) -> QueryResult<Option<StoredPayment>> {
    let row = payments::table
        .filter(payments::provider.eq("mercadopago"))
        .filter(payments::provider_payment_id.eq(provider_id))
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(StoredPayment::try_from).transpose()
}

/// The payment with the provider's id, locked for the caller's transaction.
///
/// # Errors
///
/// The store's failure.
pub async fn lock_by_provider_id(
    conn: &mut AsyncPgConnection,
    provider_id: &str,
) -> QueryResult<Option<StoredPayment>> {
    let row = payments::table
        .filter(payments::provider.eq("mercadopago"))
        .filter(payments::provider_payment_id.eq(provider_id))
        .for_no_key_update()
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(StoredPayment::try_from).transpose()
}

/// Every payment of a reservation, oldest first.
///
/// # Errors
///
/// The store's failure.
pub async fn of_reservation(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
) -> QueryResult<Vec<StoredPayment>> {
    let rows = payments::table
        .filter(payments::reservation_id.eq(reservation))
        .order(payments::created_at)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// A page of payments, newest first, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &PaymentFilter,
    before: Option<PaymentCursor>,
    limit: i64,
) -> QueryResult<Vec<StoredPayment>> {
    let mut query = payments::table.select(Row::as_select()).into_boxed();
    if let Some(state) = &filter.state {
        query = query.filter(payments::state.eq(state));
    }
    if let Some(reference) = &filter.reference {
        query = query.filter(payments::external_reference.eq(reference));
    }
    if let Some(resolution) = filter.resolution {
        query = query.filter(payments::resolution.eq(resolution.as_str()));
    }
    if let Some(before) = before {
        let older = payments::created_at.lt(before.created_at);
        let same_instant = payments::created_at
            .eq(before.created_at)
            .and(payments::id.lt(before.id));
        query = query.filter(older.or(same_instant));
    }
    let rows = query
        .order((payments::created_at.desc(), payments::id.desc()))
        .limit(limit)
        .load(conn)
        .await?;
    decode_all(rows)
}

/// The payments that wait for a person, longest first, at most `limit`; those after one of which it is known since when
/// it waits, and its id.
///
/// # Errors
///
/// The store's failure.
pub async fn parked(
    conn: &mut AsyncPgConnection,
    after: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> QueryResult<Vec<StoredPayment>> {
    let mut query = payments::table
        .filter(payments::parked_at.is_not_null())
        .filter(payments::dismissed_at.is_null())
        .select(Row::as_select())
        .into_boxed();
    if let Some((parked_at, id)) = after {
        let same_instant = payments::parked_at.eq(parked_at).and(payments::id.gt(id));
        query = query.filter(payments::parked_at.gt(parked_at).or(same_instant));
    }
    let rows = query
        .order((payments::parked_at, payments::id))
        .limit(limit)
        .load(conn)
        .await?;
    decode_all(rows)
}

/// How many payments wait for a person.
///
/// # Errors
///
/// The store's failure.
pub async fn parked_count(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    payments::table
        .filter(payments::parked_at.is_not_null())
        .filter(payments::dismissed_at.is_null())
        .select(count_star())
        .first(conn)
        .await
}

/// Approved payments of a reservation that nobody has judged since `before`, oldest first: the sweep behind
/// `payment.approved.v1`.
///
/// # Errors
///
/// The store's failure.
pub async fn approved_unresolved(
    conn: &mut AsyncPgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<StoredPayment>> {
    let rows = payments::table
        .filter(payments::state.eq(PaymentState::Approved.as_str()))
        .filter(payments::resolution.is_null())
        .filter(payments::reservation_id.is_not_null())
        .filter(payments::updated_at.lt(before))
        .order(payments::updated_at)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// Approved payments judged to go back before `before` of which money is left that no refund covers, at most `limit`:
/// the sweep behind `reservation.refund_requested.v1`.
///
/// # Errors
///
/// The store's failure.
pub async fn refund_forgotten(
    conn: &mut AsyncPgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<StoredPayment>> {
    let made = refunds::table
        .filter(refunds::payment_id.eq(payments::id))
        .select(refunds::id);
    let rows = payments::table
        .filter(payments::state.eq(PaymentState::Approved.as_str()))
        .filter(payments::resolution.eq(Resolution::Refunded.as_str()))
        .filter(payments::resolved_at.lt(before))
        .filter(payments::refunded_minor.lt(payments::amount_minor))
        .filter(
            payments::parked_at
                .is_null()
                .or(payments::dismissed_at.is_not_null()),
        )
        .filter(not(exists(made)))
        .order(payments::resolved_at)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// What the payments other than `except` have brought a reservation and not taken back; nothing of another currency.
///
/// # Errors
///
/// The store's failure.
pub async fn credited(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    except: Uuid,
    nothing: Money,
) -> QueryResult<Money> {
    let credited = [
        Resolution::Confirmed,
        Resolution::Revived,
        Resolution::PartiallyPaid,
    ];
    let rows: Vec<(i64, i64)> = payments::table
        .filter(payments::reservation_id.eq(reservation))
        .filter(payments::id.ne(except))
        .filter(payments::state.eq(PaymentState::Approved.as_str()))
        .filter(payments::currency.eq(nothing.currency().code()))
        .filter(payments::resolution.eq_any(credited.map(|resolution| Some(resolution.as_str()))))
        .select((payments::amount_minor, payments::refunded_minor))
        .load(conn)
        .await?;
    let minor = rows.into_iter().map(|(amount, refunded)| amount - refunded).sum();
    Money::new(minor, nothing.currency())
        .map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}

/// What the provider holds for us of a reservation.
///
/// # Errors
///
/// The store's failure.
pub async fn totals(conn: &mut AsyncPgConnection, reservation: Uuid) -> QueryResult<Totals> {
    let held = payments::table
        .filter(payments::reservation_id.eq(reservation))
        .filter(payments::state.eq(PaymentState::Approved.as_str()));
    let rows: Vec<(i64, i64)> = held
        .select((payments::amount_minor, payments::refunded_minor))
        .load(conn)
        .await?;
    Ok(Totals {
        held_minor: rows.iter().map(|(amount, refunded)| amount - refunded).sum(),
        payments: i64::try_from(rows.len()).unwrap_or(i64::MAX),
    })
}

fn decode_all(rows: Vec<Row>) -> QueryResult<Vec<StoredPayment>> {
    rows.into_iter().map(StoredPayment::try_from).collect()
}
