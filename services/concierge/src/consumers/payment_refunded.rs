//! `payment.refunded.v1` → the guest hears that money is on its way back.

use domain::money::Money;
use events::{InvalidEvent, v1};
use messaging::{Delivery, Outcome};
use uuid::Uuid;

use super::tell_once;
use crate::news::News;
use crate::state::AppState;

pub(super) async fn payment_refunded(state: &AppState, delivery: Delivery<v1::PaymentRefunded>) -> Outcome {
    let payment = delivery.event.payment.clone().unwrap_or_default();
    match read(&delivery.event, &payment) {
        Ok((reservation, news)) => tell_once(state, &delivery, reservation, &news).await,
        // Payments that nobody can match to a stay are for a person, not for a guest.
        Err(_) if payment.reservation_id.is_empty() => Outcome::Done,
        Err(error) => Outcome::Reject(error.into()),
    }
}

fn read(event: &v1::PaymentRefunded, payment: &v1::Payment) -> Result<(Uuid, News), InvalidEvent> {
    let paid = payment.decode()?;
    let amount = event
        .amount
        .as_ref()
        .ok_or(InvalidEvent { field: "amount" })?
        .decode()?;
    let refunded = match &payment.refunded {
        Some(refunded) => refunded.decode()?,
        None => Money::zero(amount.currency()),
    };
    let news = News::PaymentRefunded {
        payment: paid.payment,
        amount,
        refunded,
        reason: event.reason.clone(),
    };
    Ok((paid.reservation, news))
}
