//! `reservation.refund_requested.v1` → refunds are stored, and a job makes them.

use diesel_async::AsyncConnection;
use domain::money::Money;
use domain::payment::ParkReason;
use events::{InvalidEvent, v1};
use messaging::{Delivery, Outcome};
use storage::inbox;
use uuid::Uuid;

use super::reservation_ended::ConsumeError;
use crate::state::AppState;
use crate::use_cases::request_refund::{RefundWish, request_refund};
use storage::refunds::RefundState;

/// Stores the refunds of one wish, once.
pub(crate) async fn reservation_refund_requested(
    state: &AppState,
    delivery: Delivery<v1::ReservationRefundRequested>,
) -> Outcome {
    let wish = match read(&delivery.event) {
        Ok(wish) => wish,
        Err(error) => return Outcome::Reject(error.into()),
    };
    let context = state.context();
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let result = conn
        .transaction(async |conn| {
            if !inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await? {
                return Ok(None);
            }
            Ok::<_, ConsumeError>(Some(request_refund(conn, &context, &wish).await?))
        })
        .await;
    match result {
        Ok(None) => Outcome::Done,
        Ok(Some(requested)) => {
            for _ in &requested.refunds {
                state.metrics.refund(RefundState::Requested);
            }
            if let Some(payment) = requested.parked {
                state.metrics.parked(ParkReason::RefundRefused);
                tracing::error!(payment.id = %payment, "money that must go back cannot: its payment waits for a person");
            } else if !requested.missing.is_zero() {
                // The provider has given it back before, or the payment is not what we were told.
                let missing_minor = requested.missing.minor();
                tracing::warn!(
                    payment.id = ?wish.payment, missing_minor,
                    "a refund asks for more than the payments hold: the rest has gone back already"
                );
            }
            state.refunds_due.nudge();
            Outcome::Done
        }
        Err(error) => Outcome::Retry(error.into()),
    }
}

fn read(event: &v1::ReservationRefundRequested) -> Result<RefundWish, InvalidEvent> {
    let payment: Option<Uuid> = match event.payment_id.as_str() {
        "" => None,
        id => Some(id.parse().or(Err(InvalidEvent { field: "payment_id" }))?),
    };
    let amount: Money = event
        .amount
        .as_ref()
        .ok_or(InvalidEvent { field: "amount" })?
        .decode()?;
    Ok(RefundWish {
        reservation: Some(event.reservation.clone().unwrap_or_default().id()?),
        payment,
        amount,
        reason: event.reason.clone(),
    })
}
