//! `payment.pending.v1`, `payment.rejected.v1` and `payment.link_ready.v1` → lines of the timeline; nothing changes.

use diesel_async::AsyncConnection;
use events::v1::{Payment, PaymentLinkReady, PaymentPending, PaymentRejected};
use messaging::{Delivery, Outcome};
use serde_json::{Value, json};
use storage::inbox;
use uuid::Uuid;

use super::once::{HandleError, invalid, outcome};
use crate::state::AppState;
use crate::use_cases::note_on_timeline::note_on_timeline;

pub(super) async fn payment_pending(state: &AppState, delivery: Delivery<PaymentPending>) -> Outcome {
    let payment = delivery.event.payment.clone().unwrap_or_default();
    payment_noted(state, &delivery, &payment, "payment_pending").await
}

pub(super) async fn payment_rejected(state: &AppState, delivery: Delivery<PaymentRejected>) -> Outcome {
    let payment = delivery.event.payment.clone().unwrap_or_default();
    payment_noted(state, &delivery, &payment, "payment_rejected").await
}

pub(super) async fn link_ready(state: &AppState, delivery: Delivery<PaymentLinkReady>) -> Outcome {
    let event = &delivery.event;
    let Ok(reservation) = event.reservation_id.parse() else {
        return invalid(events::InvalidEvent {
            field: "reservation_id",
        });
    };
    let amount = event.amount.clone().unwrap_or_default();
    // Never the link itself: whoever has it can see what is paid for.
    let detail = json!({
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "expires_at": event.expires_at,
    });
    note(state, &delivery, reservation, "payment_link_ready", detail).await
}

async fn payment_noted<E: Sync>(
    state: &AppState,
    delivery: &Delivery<E>,
    payment: &Payment,
    kind: &str,
) -> Outcome {
    let reservation = match payment.decode() {
        Ok(paid) => paid.reservation,
        Err(error) => return invalid(error),
    };
    let detail = json!({
        "payment_id": payment.id,
        "state": payment.state,
        "state_detail": payment.state_detail,
    });
    note(state, delivery, reservation, kind, detail).await
}

/// Writes the line together with the event's inbox row.
pub(super) async fn note<E: Sync>(
    state: &AppState,
    delivery: &Delivery<E>,
    reservation: Uuid,
    kind: &str,
    detail: Value,
) -> Outcome {
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let context = state.own_context();
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await?
                && !note_on_timeline(conn, &context, reservation, kind, detail).await?
            {
                return Err(HandleError::Unknown(reservation));
            }
            Ok(())
        })
        .await;
    outcome(result)
}
