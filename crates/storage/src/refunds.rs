//! `refunds`: money that goes back. A row is stored before the provider is asked, and its id is the idempotency key of
//! every try. Written by `payments`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::money::{Currency, Money};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::refunds;

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// The provider has not said that it has it.
    Requested,
    /// The provider is at it.
    InProcess,
    /// The money has gone back.
    Done,
    /// It will not go back by itself: for a person.
    Refused,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Requested, Self::InProcess, Self::Done, Self::Refused];

    /// The name in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::InProcess => "in_process",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// Whether there is more to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::InProcess)
    }
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefund {
    /// Our id, which is also its idempotency key.
    pub id: Uuid,
    /// The payment that it gives back.
    pub payment: Uuid,
    /// The reservation whose money it is.
    pub reservation: Option<Uuid>,
    /// How much.
    pub amount: Money,
    /// Why: one of `domain::payment::RefundReason`.
    pub reason: String,
    /// Who wanted it.
    pub actor: String,
    /// Where it stands.
    pub state: RefundState,
    /// The provider's id of it.
    pub provider_refund_id: Option<String>,
    /// How often the provider was asked.
    pub attempts: i32,
    /// When to ask next.
    pub next_attempt_at: Option<OffsetDateTime>,
    /// Why it was refused, or the latest try failed.
    pub failure: Option<String>,
    /// When it was wanted.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// A refund to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// Its id and idempotency key.
    pub id: Uuid,
    /// The payment that it gives back.
    pub payment: Uuid,
    /// The reservation whose money it is.
    pub reservation: Option<Uuid>,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub actor: String,
}

/// What a try brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundProgress {
    /// Where it stands now.
    pub state: RefundState,
    /// The provider's id of it, once known.
    pub provider_refund_id: Option<String>,
    /// When to ask next; `None` if it has ended.
    pub next_attempt_at: Option<OffsetDateTime>,
    /// Why it was refused, or this try failed.
    pub failure: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refunds)]
struct Row {
    id: Uuid,
    payment_id: Uuid,
    reservation_id: Option<Uuid>,
    amount_minor: i64,
    currency: String,
    reason: String,
    actor: String,
    state: String,
    provider_refund_id: Option<String>,
    attempts: i32,
    next_attempt_at: Option<OffsetDateTime>,
    failure: Option<String>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TryFrom<Row> for StoredRefund {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let broken = |column: &'static str| InvalidRow::failure("refunds", column, &row.id);
        let currency: Currency = row.currency.parse().map_err(|_why| broken("currency"))?;
        let state = RefundState::ALL
            .into_iter()
            .find(|state| state.as_str() == row.state);
        Ok(Self {
            id: row.id,
            payment: row.payment_id,
            reservation: row.reservation_id,
            amount: Money::new(row.amount_minor, currency).map_err(|_why| broken("amount_minor"))?,
            state: state.ok_or_else(|| broken("state"))?,
            reason: row.reason,
            actor: row.actor,
            provider_refund_id: row.provider_refund_id,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            failure: row.failure,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn decode_all(rows: Vec<Row>) -> QueryResult<Vec<StoredRefund>> {
    rows.into_iter().map(StoredRefund::try_from).collect()
}

/// Stores a refund to make, due at once; `false` if it was there before.
///
/// # Errors
///
/// The store's failure.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewRefund, now: OffsetDateTime) -> QueryResult<bool> {
    let inserted = diesel::insert_into(refunds::table)
        .values((
            refunds::id.eq(new.id),
            refunds::payment_id.eq(new.payment),
            refunds::reservation_id.eq(new.reservation),
            refunds::amount_minor.eq(new.amount.minor()),
            refunds::currency.eq(new.amount.currency().code()),
            refunds::reason.eq(&new.reason),
            refunds::actor.eq(&new.actor),
            refunds::state.eq(RefundState::Requested.as_str()),
            refunds::next_attempt_at.eq(now),
            refunds::created_at.eq(now),
            refunds::updated_at.eq(now),
        ))
        .on_conflict(refunds::id)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// The refund with our id.
///
/// # Errors
///
/// The store's failure.
pub async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<StoredRefund>> {
    let row = refunds::table
        .find(id)
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(StoredRefund::try_from).transpose()
}

/// Every refund of a payment, oldest first.
///
/// # Errors
///
/// The store's failure.
pub async fn of_payment(conn: &mut AsyncPgConnection, payment: Uuid) -> QueryResult<Vec<StoredRefund>> {
    let rows = refunds::table
        .filter(refunds::payment_id.eq(payment))
        .order(refunds::created_at)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// Takes the refunds whose time has come, oldest first, at most `limit`, for the caller alone until `leased_until`.
///
/// Call it outside a transaction: the lease must stand before the provider is asked.
///
/// # Errors
///
/// The store's failure.
pub async fn claim_due(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    leased_until: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<StoredRefund>> {
    let open = [RefundState::Requested.as_str(), RefundState::InProcess.as_str()];
    conn.build_transaction()
        .run(async |conn| {
            let due: Vec<Uuid> = refunds::table
                .filter(refunds::state.eq_any(open))
                .filter(refunds::next_attempt_at.le(now))
                .order(refunds::next_attempt_at)
                .limit(limit)
                .for_update()
                .skip_locked()
                .select(refunds::id)
                .load(conn)
                .await?;
            let rows = diesel::update(refunds::table.filter(refunds::id.eq_any(&due)))
                .set((
                    refunds::attempts.eq(refunds::attempts + 1),
                    refunds::next_attempt_at.eq(leased_until),
                    refunds::updated_at.eq(now),
                ))
                .returning(Row::as_returning())
                .get_results(conn)
                .await?;
            decode_all(rows)
        })
        .await
}

/// Notes what a try brought, unless the refund has ended meanwhile (`false`).
///
/// # Errors
///
/// The store's failure.
pub async fn progress(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    progress: &RefundProgress,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let open = [RefundState::Requested.as_str(), RefundState::InProcess.as_str()];
    let known = refunds::table.find(id).filter(refunds::state.eq_any(open));
    let provider_refund_id = sql("coalesce(")
        .bind::<Nullable<Text>, _>(progress.provider_refund_id.as_deref())
        .sql(", provider_refund_id)");
    let updated = diesel::update(known)
        .set((
            refunds::state.eq(progress.state.as_str()),
            refunds::provider_refund_id.eq(provider_refund_id),
            refunds::next_attempt_at.eq(progress.next_attempt_at),
            refunds::failure.eq(progress.failure.as_deref()),
            refunds::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(updated == 1)
}

/// What of a payment is on its way back or has gone back by our doing, in minor units.
///
/// # Errors
///
/// The store's failure.
pub async fn committed_minor(conn: &mut AsyncPgConnection, payment: Uuid) -> QueryResult<i64> {
    let amounts: Vec<i64> = refunds::table
        .filter(refunds::payment_id.eq(payment))
        .filter(refunds::state.ne(RefundState::Refused.as_str()))
        .select(refunds::amount_minor)
        .load(conn)
        .await?;
    Ok(amounts.into_iter().sum())
}
