//! Approved money that nobody has judged, because its event was lost or is late.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use storage::{Context, payments};
use time::Duration;

use super::settle_payment::{SettlePaymentError, Settled, settle_payment};

/// How long an event has to arrive before the sweep does its work.
const PATIENCE: Duration = Duration::seconds(10);
const BATCH: i64 = 100;

/// Judges approved payments without a resolution, each in a transaction of its own, and gives what became of them.
///
/// One that cannot be judged is left for the next time and does not stop the others.
///
/// # Errors
///
/// The store's failure while looking.
pub async fn sweep_payments(
    conn: &mut AsyncPgConnection,
    context: &Context,
) -> Result<Vec<Settled>, SettlePaymentError> {
    let before = context.now - PATIENCE;
    let mut settled = Vec::new();
    for payment in payments::approved_unresolved(conn, before, BATCH).await? {
        let judged = conn
            .transaction(async |conn| settle_payment(conn, context, payment.id).await)
            .await;
        match judged {
            Ok(judged) => settled.push(judged),
            Err(failure) => {
                let cause = telemetry::trace::chain(&failure);
                tracing::warn!(payment.id = %payment.id, cause, "the sweep leaves a payment for the next time");
            }
        }
    }
    Ok(settled)
}
