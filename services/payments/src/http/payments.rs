//! Payments, for staff.

pub(super) mod list;
pub(super) mod refund;
pub(super) mod show;

use api::payment::ParkedDecision;
use domain::money::{Currency, Money};
use domain::payment::PaymentState;
use service::internal::Actor;
use storage::payments::{Decided, StoredPayment};
use storage::refunds::StoredRefund;

/// The most characters that a person's reason may have.
pub(super) const LONGEST_REASON: usize = 500;

/// A payment as staff see it.
pub(super) fn view(payment: StoredPayment) -> api::payment::Payment {
    let currency: Currency = payment.currency.parse().unwrap_or(Currency::ARS);
    let money = |minor| api::Money {
        amount: Money::new(minor, currency)
            .map(Money::decimal)
            .unwrap_or_default(),
        currency: payment.currency.clone(),
    };
    api::payment::Payment {
        id: payment.id,
        amount: money(payment.amount_minor),
        refunded: money(payment.refunded_minor),
        parked: payment.is_parked(),
        possible_decisions: possible(&payment),
        provider_payment_id: payment.provider_payment_id,
        reference: payment.external_reference,
        reservation_id: payment.reservation,
        state: payment.state.as_str().to_owned(),
        state_detail: payment.state_detail,
        found_by: payment.found_by.as_str().to_owned(),
        resolution: payment
            .resolution
            .map(|resolution| resolution.as_str().to_owned()),
        park_reason: payment.park_reason,
        parked_at: payment.parked_at,
        approved_at: payment.provider_approved_at,
        provider_updated_at: payment.provider_updated_at,
        created_at: payment.created_at,
    }
}

/// What a person may decide now: nothing unless it is parked, and nothing but to dismiss it unless it is money that we
/// can give back.
fn possible(payment: &StoredPayment) -> Vec<ParkedDecision> {
    if !payment.is_parked() {
        Vec::new()
    } else if payment.state == PaymentState::Approved && payment.amount().is_some() {
        vec![
            ParkedDecision::Credit,
            ParkedDecision::Refund,
            ParkedDecision::Dismiss,
        ]
    } else {
        vec![ParkedDecision::Dismiss]
    }
}

/// A refund as staff see it.
pub(super) fn refund_view(refund: StoredRefund) -> api::payment::Refund {
    api::payment::Refund {
        id: refund.id,
        payment_id: refund.payment,
        amount: refund.amount.into(),
        reason: refund.reason,
        actor: refund.actor,
        state: refund.state.as_str().to_owned(),
        attempts: refund.attempts,
        failure: refund.failure,
        created_at: refund.created_at,
        updated_at: refund.updated_at,
    }
}

/// A decision as staff see it.
pub(super) fn decision_view(decided: Decided) -> api::payment::Decided {
    api::payment::Decided {
        at: decided.at,
        actor: decided.actor,
        decision: decided.decision,
        reason: decided.reason,
        was_parked_for: decided.was_parked_for,
        reservation_id: decided.reservation,
    }
}

/// Who acts, as the timeline tells it.
pub(super) fn actor(actor: Actor) -> domain::reservation::Actor {
    match actor {
        Actor::Guest => domain::reservation::Actor::Guest,
        Actor::Staff(email) => domain::reservation::Actor::Staff(email),
        Actor::System(_) => domain::reservation::Actor::System("payments"),
    }
}
