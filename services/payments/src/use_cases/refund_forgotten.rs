//! The sweep behind `reservation.refund_requested.v1`: money that was judged to go back, and for which no refund exists.

use diesel_async::AsyncConnection;
use domain::payment::RefundReason;
use storage::{StoreFailure, payments};
use time::Duration;

use super::request_refund::{RefundWish, left_to_give, request_refund};
use crate::state::AppState;

/// How long the event has to arrive; far longer than its retries of the first minutes.
const MISSED_AFTER: Duration = Duration::minutes(15);

/// How many are stored in one run.
const BATCH: i64 = 50;

/// Stores the refunds that an event should have asked for, and tells how many.
pub(crate) async fn refund_forgotten(state: &AppState) -> Result<usize, StoreFailure> {
    let context = state.context();
    let mut conn = state.database.get().await?;
    let forgotten = payments::refund_forgotten(&mut conn, context.now - MISSED_AFTER, BATCH).await?;
    let mut stored = 0;
    for payment in forgotten {
        let refunds = conn
            .transaction(async |conn| {
                let Some(payment) = payments::lock(conn, payment.id).await? else {
                    return Ok(0);
                };
                let Some(amount) = left_to_give(conn, &payment).await? else {
                    return Ok(0);
                };
                let wish = RefundWish {
                    reservation: payment.reservation,
                    payment: Some(payment.id),
                    amount,
                    reason: RefundReason::Host.as_str().to_owned(),
                };
                Ok::<_, diesel::result::Error>(request_refund(conn, &context, &wish).await?.refunds.len())
            })
            .await?;
        if 0 < refunds {
            tracing::warn!(payment.id = %payment.id, "a refund that nobody asked for in time is made");
            stored += refunds;
        }
    }
    if 0 < stored {
        state.refunds_due.nudge();
    }
    Ok(stored)
}
