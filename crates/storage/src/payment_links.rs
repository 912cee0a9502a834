//! `payment_links`: where a guest pays. The intent is stored before the provider is asked. Written by `payments`.

mod debtor;
mod poll;

pub use debtor::{Debtor, debtor, debtor_of, holds_without_link};
pub use poll::{PollRhythm, due_for_poll, holds_in_grace, polled, retired_for_poll};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::money::{Currency, Money};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::payment_links;

/// A link, or the intent to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLink {
    /// Also the idempotency key of its creation at the provider.
    pub id: Uuid,
    /// Whose debt it is.
    pub reservation: Uuid,
    /// The reservation's code: the provider's `external_reference`.
    pub code: String,
    /// How much is asked for.
    pub amount: Money,
    /// Where to pay; `None` until the provider has answered.
    pub url: Option<String>,
    /// The provider's id of it, from the same answer.
    pub preference_id: Option<String>,
    /// The end of its life, which is the hold's.
    pub expires_at: OffsetDateTime,
    /// Since when another link, or none, stands for the debt.
    pub replaced_at: Option<OffsetDateTime>,
    /// How often the provider has been asked to make it.
    pub attempts: i32,
    /// Until when whoever asks the provider has it for himself, or when to ask again.
    pub next_attempt_at: Option<OffsetDateTime>,
    /// When the provider was last asked for payments of this reference, with an answer.
    pub last_polled_at: Option<OffsetDateTime>,
    /// When it was wanted.
    pub created_at: OffsetDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = payment_links)]
struct Row {
    id: Uuid,
    reservation_id: Uuid,
    reservation_code: String,
    amount_minor: i64,
    currency: String,
    preference_id: Option<String>,
    url: Option<String>,
    expires_at: OffsetDateTime,
    replaced_at: Option<OffsetDateTime>,
    attempts: i32,
    next_attempt_at: Option<OffsetDateTime>,
    last_polled_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
}

impl TryFrom<Row> for PaymentLink {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let broken = |column: &'static str| InvalidRow::failure("payment_links", column, &row.id);
        let currency: Currency = row.currency.parse().map_err(|_why| broken("currency"))?;
        Ok(Self {
            id: row.id,
            reservation: row.reservation_id,
            amount: Money::new(row.amount_minor, currency).map_err(|_why| broken("amount_minor"))?,
            code: row.reservation_code,
            url: row.url,
            preference_id: row.preference_id,
            expires_at: row.expires_at,
            replaced_at: row.replaced_at,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            last_polled_at: row.last_polled_at,
            created_at: row.created_at,
        })
    }
}

fn decode_all(rows: Vec<Row>) -> QueryResult<Vec<PaymentLink>> {
    rows.into_iter().map(PaymentLink::try_from).collect()
}

/// Stores the intent to make a link, for the caller alone until `leased_until`.
///
/// # Errors
///
/// The constraint `payment_links_one_live` if the debt has a live link; the store's failure.
pub async fn insert_intent(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    debtor: &Debtor,
    (amount, expires_at): (Money, OffsetDateTime),
    (now, leased_until): (OffsetDateTime, OffsetDateTime),
) -> QueryResult<()> {
    diesel::insert_into(payment_links::table)
        .values((
            payment_links::id.eq(id),
            payment_links::reservation_id.eq(debtor.reservation),
            payment_links::reservation_code.eq(debtor.code.as_str()),
            payment_links::amount_minor.eq(amount.minor()),
            payment_links::currency.eq(amount.currency().code()),
            payment_links::expires_at.eq(expires_at),
            payment_links::attempts.eq(1),
            payment_links::next_attempt_at.eq(leased_until),
            payment_links::created_at.eq(now),
            payment_links::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The link with this id.
///
/// # Errors
///
/// The store's failure.
pub async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<PaymentLink>> {
    let row = payment_links::table
        .find(id)
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(PaymentLink::try_from).transpose()
}

/// The live link of a debt, locked for the caller's transaction.
///
/// # Errors
///
/// The store's failure.
pub async fn lock_live(conn: &mut AsyncPgConnection, reservation: Uuid) -> QueryResult<Option<PaymentLink>> {
    let row = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .filter(payment_links::replaced_at.is_null())
        .for_update()
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(PaymentLink::try_from).transpose()
}

/// Every link of a reservation, oldest first.
///
/// # Errors
///
/// The store's failure.
pub async fn of_reservation(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
) -> QueryResult<Vec<PaymentLink>> {
    let rows = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .order(payment_links::created_at)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// Takes an unanswered intent for the caller alone until `leased_until`.
///
/// # Errors
///
/// The store's failure.
pub async fn lease(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    now: OffsetDateTime,
    leased_until: OffsetDateTime,
) -> QueryResult<()> {
    diesel::update(payment_links::table.find(id))
        .set((
            payment_links::attempts.eq(payment_links::attempts + 1),
            payment_links::next_attempt_at.eq(leased_until),
            payment_links::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The provider's answer. `false` if the link has been replaced or answered meanwhile: then this one is not used.
///
/// # Errors
///
/// The store's failure.
pub async fn answered(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    (preference_id, url): (&str, &str),
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let live = payment_links::table
        .find(id)
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::url.is_null());
    let updated = diesel::update(live)
        .set((
            payment_links::preference_id.eq(preference_id),
            payment_links::url.eq(url),
            payment_links::next_attempt_at.eq(None::<OffsetDateTime>),
            payment_links::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(updated == 1)
}

/// When to ask the provider again for a link that it did not make.
///
/// # Errors
///
/// The store's failure.
pub async fn try_again_at(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    at: OffsetDateTime,
    now: OffsetDateTime,
) -> QueryResult<()> {
    let unanswered = payment_links::table.find(id).filter(payment_links::url.is_null());
    diesel::update(unanswered)
        .set((
            payment_links::next_attempt_at.eq(at),
            payment_links::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The intents whose time to ask the provider has come, oldest first, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn unanswered(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<PaymentLink>> {
    let rows = payment_links::table
        .filter(payment_links::url.is_null())
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::next_attempt_at.le(now))
        .order(payment_links::next_attempt_at)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    decode_all(rows)
}

/// Retires the live link of a debt; `None` if there is none.
///
/// # Errors
///
/// The store's failure.
pub async fn retire(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<Option<PaymentLink>> {
    let live = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .filter(payment_links::replaced_at.is_null());
    let row = diesel::update(live)
        .set((
            payment_links::replaced_at.eq(now),
            payment_links::updated_at.eq(now),
        ))
        .returning(Row::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    row.map(PaymentLink::try_from).transpose()
}

/// Retires an intent that the provider has not answered, since its debt is over.
///
/// # Errors
///
/// The store's failure.
pub async fn retire_unanswered(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<usize> {
    let intent = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .filter(payment_links::replaced_at.is_null())
        .filter(payment_links::url.is_null());
    diesel::update(intent)
        .set((
            payment_links::replaced_at.eq(now),
            payment_links::updated_at.eq(now),
        ))
        .execute(conn)
        .await
}
