//! `payment.disputed.v1` → the reservation's money is in doubt.

use diesel_async::AsyncConnection;
use events::v1::PaymentDisputed;
use messaging::{Delivery, Outcome};
use storage::inbox;

use super::once::{HandleError, invalid, outcome};
use crate::state::AppState;
use crate::use_cases::dispute_payment::dispute_payment;

pub(super) async fn payment_disputed(state: &AppState, delivery: Delivery<PaymentDisputed>) -> Outcome {
    let payment = match delivery.event.payment.clone().unwrap_or_default().decode() {
        Ok(paid) => paid.payment,
        Err(error) => return invalid(error),
    };
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let context = state.own_context();
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await?
                && !dispute_payment(conn, &context, payment).await?
            {
                return Err(HandleError::Unknown(payment));
            }
            Ok(())
        })
        .await;
    outcome(result)
}
