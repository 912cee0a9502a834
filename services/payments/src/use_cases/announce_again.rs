//! The sweep behind `payment.approved.v1`: money that nobody has settled is announced again.

use diesel_async::AsyncConnection;
use storage::{StoreFailure, payment_links, payments};
use time::Duration;

use super::record::approved;
use crate::state::AppState;

/// How long settling may take before it is asked for again; also the shortest time between two announcements.
const MISSED_AFTER: Duration = Duration::minutes(1);

/// How many are announced in one run.
const BATCH: i64 = 50;

/// Announces again the approved payments that nobody has settled, and tells how many.
pub(crate) async fn announce_again(state: &AppState) -> Result<usize, StoreFailure> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    let announced = conn
        .transaction(async |conn| {
            let before = context.now - MISSED_AFTER;
            let missed = payments::approved_unresolved(conn, before, BATCH).await?;
            for payment in &missed {
                // Locked and looked at again: it may have been settled a moment ago.
                let Some(payment) = payments::lock(conn, payment.id).await? else {
                    continue;
                };
                let Some(reservation) = payment.reservation.filter(|_| payment.resolution.is_none()) else {
                    continue;
                };
                // A person may have attached it to another reservation than its reference names.
                if let Some(debtor) = payment_links::debtor(conn, reservation).await? {
                    approved(conn, &context, &payment, debtor.code.as_str()).await?;
                    payments::touch(conn, payment.id, context.now).await?;
                }
            }
            Ok::<_, diesel::result::Error>(missed.len())
        })
        .await?;
    for _ in 0..announced {
        state.metrics.announced_again();
    }
    if 0 < announced {
        tracing::warn!(
            payments = announced,
            "{announced} approved payments announced again"
        );
    }
    Ok(announced)
}
