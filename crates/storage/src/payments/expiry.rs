//! What the end of a hold must know of its money.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::payment::PaymentState;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::schema::{payment_links, payments};

/// Whether a hold past its expiry may end. How long it is kept at most is the asker's matter: it knows `expires_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryVerdict {
    /// Nobody could have paid, or the provider was asked after the expiry and holds nothing: it ends.
    MayEnd,
    /// A link was out, and the provider has not answered since the expiry: kept for a bounded grace.
    NotAsked,
    /// Approved money is stored and waits to be settled by `payment.approved.v1`: kept.
    MoneyFound,
    /// The provider is looking at a payment, for up to two working days: kept within a limit.
    InProcess,
}

/// Judges the end of the hold `reservation`, whose nights are held until `expires_at`.
///
/// # Errors
///
/// The store's failure.
pub async fn expiry_verdict(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    expires_at: OffsetDateTime,
) -> QueryResult<ExpiryVerdict> {
    let states: Vec<(String, Option<String>)> = payments::table
        .filter(payments::reservation_id.eq(reservation))
        .select((payments::state, payments::resolution))
        .load(conn)
        .await?;
    let any = |wanted: PaymentState| {
        states
            .iter()
            .any(|(state, resolution)| state == wanted.as_str() && resolution.is_none())
    };
    if any(PaymentState::Approved) {
        return Ok(ExpiryVerdict::MoneyFound);
    }
    if any(PaymentState::InProcess) || any(PaymentState::Authorized) {
        return Ok(ExpiryVerdict::InProcess);
    }
    let polls: Vec<Option<OffsetDateTime>> = payment_links::table
        .filter(payment_links::reservation_id.eq(reservation))
        .filter(payment_links::url.is_not_null())
        .select(payment_links::last_polled_at)
        .load(conn)
        .await?;
    let asked = polls.iter().flatten().any(|asked_at| expires_at <= *asked_at);
    if polls.is_empty() || asked {
        Ok(ExpiryVerdict::MayEnd)
    } else {
        Ok(ExpiryVerdict::NotAsked)
    }
}
