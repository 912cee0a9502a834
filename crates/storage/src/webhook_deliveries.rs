//! `webhook_deliveries`: what providers sent, byte for byte, stored before it is acknowledged. Written by `webhooks`;
//! the service that works on a delivery (`payments`, `concierge`) only marks it processed, with its outcome.

mod query;
mod store;

pub use query::{
    DeliveryCursor, DeliveryFilter, DeliverySummary, StoredDelivery, any_unprocessed, find, list,
    unprocessed_since,
};
pub use store::{NewDelivery, Sequel, store, store_all};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::schema::webhook_deliveries;

/// Who sent a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Meta's Cloud API.
    Whatsapp,
    /// Mercado Pago, by either of its channels.
    Mercadopago,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 2] = [Self::Whatsapp, Self::Mercadopago];

    /// The name in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Mercadopago => "mercadopago",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// What a stored delivery is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Its sender is proven.
    Authentic,
    /// A reason to look, from anybody.
    Hint,
    /// Its sender is proven, and nobody can work on it: for a person.
    Dead,
}

impl Verdict {
    /// Every verdict that is stored.
    pub const ALL: [Self; 3] = [Self::Authentic, Self::Hint, Self::Dead];

    /// The name in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentic => "authentic",
            Self::Hint => "hint",
            Self::Dead => "dead",
        }
    }

    /// The verdict of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    }
}

/// Notes what became of a delivery; a later outcome replaces an earlier one. `false` if there is no such delivery.
///
/// # Errors
///
/// The store's failure.
pub async fn mark_processed(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    outcome: &str,
    now: OffsetDateTime,
) -> QueryResult<bool> {
    let marked = diesel::update(webhook_deliveries::table.find(id))
        .set((
            webhook_deliveries::processed_at.eq(now),
            webhook_deliveries::outcome.eq(outcome),
        ))
        .execute(conn)
        .await?;
    Ok(marked == 1)
}

/// Forgets what became of a delivery, so that it is worked on again. `false` if there is no such delivery.
///
/// # Errors
///
/// The store's failure.
pub async fn reopen(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<bool> {
    let reopened = diesel::update(webhook_deliveries::table.find(id))
        .set((
            webhook_deliveries::processed_at.eq(None::<OffsetDateTime>),
            webhook_deliveries::outcome.eq(None::<String>),
        ))
        .execute(conn)
        .await?;
    Ok(reopened == 1)
}

/// Forgets at most `limit` deliveries that came and were dealt with before `before`, and tells how many. One on which
/// nobody has worked stays, however old.
///
/// # Errors
///
/// The store's failure.
pub async fn prune(conn: &mut AsyncPgConnection, before: OffsetDateTime, limit: i64) -> QueryResult<usize> {
    let old = "received_at < $1 AND processed_at < $1";
    crate::prune::prune(conn, "webhook_deliveries", old, before, limit).await
}
