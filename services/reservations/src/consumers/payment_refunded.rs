//! `payment.refunded.v1` → what has been paid is reckoned anew.

use diesel_async::AsyncConnection;
use events::v1::PaymentRefunded;
use messaging::{Delivery, Outcome};
use storage::inbox;

use super::once::{HandleError, invalid, outcome};
use crate::state::AppState;
use crate::use_cases::refund_payment::refund_payment;

pub(super) async fn payment_refunded(state: &AppState, delivery: Delivery<PaymentRefunded>) -> Outcome {
    let event = &delivery.event;
    let decoded = event.payment.clone().unwrap_or_default().decode();
    let amount = event.amount.clone().unwrap_or_default().decode();
    let (payment, amount) = match (decoded, amount) {
        (Ok(paid), Ok(amount)) => (paid.payment, amount),
        (Err(error), _) | (_, Err(error)) => return invalid(error),
    };
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let context = state.own_context();
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await?
                && !refund_payment(conn, &context, payment, amount, &event.reason).await?
            {
                return Err(HandleError::Unknown(payment));
            }
            Ok(())
        })
        .await;
    outcome(result)
}
