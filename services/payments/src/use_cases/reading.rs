//! From the provider's payment to what we store of it.

use domain::money::{Currency, Money};
use domain::payment::ParkReason;
use mercadopago::payment::{IncompletePayment, Payment};
use storage::payments::PaymentReading;
use time::OffsetDateTime;
use uuid::Uuid;

/// A reading, and why a person must look at it whatever its state.
pub(super) struct Judged {
    pub(super) reading: PaymentReading,
    pub(super) incomplete: Option<ParkReason>,
}

/// Takes what is there; what is missing is a reason to park, never to drop.
pub(super) fn judge(payment: &Payment, reservation: Option<Uuid>, now: OffsetDateTime) -> Judged {
    let incomplete = match payment.amount().and_then(|_| payment.version()) {
        Ok(_) => None,
        Err(IncompletePayment::Currency) => Some(ParkReason::WrongCurrency),
        Err(IncompletePayment::Amount | IncompletePayment::LastUpdated) => Some(ParkReason::Incomplete),
    };
    // A currency that the house does not sell in is kept in hundredths.
    let currency = payment.currency().unwrap_or(Currency::ARS);
    let minor = |amount: Option<mercadopago::amount::Amount>| {
        let money = amount.and_then(|amount| amount.money(currency).ok());
        money.map_or(0, Money::minor)
    };
    let amount_minor = minor(payment.transaction_amount);
    let known_times = payment
        .date_last_updated
        .or(payment.date_approved)
        .or(payment.date_created);
    let reading = PaymentReading {
        external_reference: payment.external_reference.clone(),
        reservation,
        state: payment.state(),
        state_detail: payment.status_detail.clone().unwrap_or_default(),
        amount_minor,
        refunded_minor: minor(payment.transaction_amount_refunded).min(amount_minor),
        currency: payment.currency_id.clone().unwrap_or_default(),
        collector_id: payment
            .collector_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        operation_type: payment.operation_type.clone().unwrap_or_default(),
        provider_created_at: payment.date_created,
        provider_approved_at: payment.date_approved,
        provider_updated_at: known_times.unwrap_or(now),
    };
    Judged { reading, incomplete }
}
