//! `payment.approved.v1` → the money is judged.

use diesel_async::AsyncConnection;
use events::v1::PaymentApproved;
use messaging::{Delivery, Outcome};
use storage::inbox;

use super::once::{HandleError, invalid, outcome};
use crate::state::AppState;
use crate::use_cases::settle_payment::{Settled, settle_payment};

pub(super) async fn payment_approved(state: &AppState, delivery: Delivery<PaymentApproved>) -> Outcome {
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
            if !inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await? {
                return Ok(Settled::Nothing);
            }
            Ok::<_, HandleError>(settle_payment(conn, &context, payment).await?)
        })
        .await;
    drop(conn);
    match result {
        Ok(settled) => {
            settled_by(state, &settled).await;
            outcome(Ok(()))
        }
        Err(error) => outcome(Err(error)),
    }
}

/// What follows a judgement that is committed.
pub(crate) async fn settled_by(state: &AppState, settled: &Settled) {
    state.metrics.settled(settled, state.clock.now());
    if let Settled::Confirmed { reservation, .. } = settled {
        let place = (reservation.accommodation, reservation.stay, &reservation.code);
        state.hints.release(place.0, place.1, place.2).await;
    }
}
