//! `payment_decisions`: what people decided on parked money, only ever added to. Written by `payments`.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::context::Context;
use crate::schema::payment_decisions;

/// A person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = payment_decisions)]
pub struct Decided {
    /// When.
    pub at: OffsetDateTime,
    /// Who: `staff:<e-mail>` or `system:<service>`.
    pub actor: String,
    /// `credit`, `refund` or `dismiss`.
    pub decision: String,
    /// Why, in the person's words.
    pub reason: String,
    /// What the payment waited for.
    pub was_parked_for: String,
    /// The reservation that was credited.
    #[diesel(column_name = reservation_id)]
    pub reservation: Option<Uuid>,
}

/// A decision to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDecision<'a> {
    /// On which payment.
    pub payment: Uuid,
    /// `credit`, `refund` or `dismiss`.
    pub decision: &'a str,
    /// Why.
    pub reason: &'a str,
    /// What the payment waited for.
    pub was_parked_for: &'a str,
    /// The reservation that is credited.
    pub reservation: Option<Uuid>,
}

/// Keeps a decision, in the transaction that carries it out.
///
/// # Errors
///
/// The store's failure.
pub async fn keep_decision(
    conn: &mut AsyncPgConnection,
    context: &Context,
    new: &NewDecision<'_>,
) -> QueryResult<()> {
    diesel::insert_into(payment_decisions::table)
        .values((
            payment_decisions::payment_id.eq(new.payment),
            payment_decisions::at.eq(context.now),
            payment_decisions::actor.eq(context.actor.to_string()),
            payment_decisions::trace_id.eq(context.trace_id()),
            payment_decisions::decision.eq(new.decision),
            payment_decisions::reason.eq(new.reason),
            payment_decisions::was_parked_for.eq(new.was_parked_for),
            payment_decisions::reservation_id.eq(new.reservation),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Every decision on a payment, oldest first.
///
/// # Errors
///
/// The store's failure.
pub async fn decisions_of(conn: &mut AsyncPgConnection, payment: Uuid) -> QueryResult<Vec<Decided>> {
    payment_decisions::table
        .filter(payment_decisions::payment_id.eq(payment))
        .order(payment_decisions::id)
        .select(Decided::as_select())
        .load(conn)
        .await
}
