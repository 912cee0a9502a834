//! `payment.rejected.v1` → the guest hears that the attempt failed, and may try again.

use events::v1;
use messaging::{Delivery, Outcome};

use super::tell_once;
use crate::news::News;
use crate::state::AppState;

pub(super) async fn payment_rejected(state: &AppState, delivery: Delivery<v1::PaymentRejected>) -> Outcome {
    let payment = delivery.event.payment.clone().unwrap_or_default();
    match payment.decode() {
        Ok(paid) => {
            let news = News::PaymentRejected {
                payment: paid.payment,
                amount: paid.amount,
            };
            tell_once(state, &delivery, paid.reservation, &news).await
        }
        // Payments that nobody can match to a stay are for a person, not for a guest.
        Err(_) if payment.reservation_id.is_empty() => Outcome::Done,
        Err(error) => Outcome::Reject(error.into()),
    }
}
