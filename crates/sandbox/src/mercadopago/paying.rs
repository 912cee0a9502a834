//! A buyer at the checkout: what becomes of a preference when somebody pays, fails to, or starts to.

use rust_decimal::Decimal;
use serde::Deserialize;
use time::OffsetDateTime;

use super::{payment::Payment, world::World};
use crate::options::MercadoPagoOptions;

/// How the attempt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// The money is there.
    Approve,
    /// The card is refused.
    Reject,
    /// The money may come.
    Pending,
}

/// What the buyer does; the rest follows from the preference.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payer {
    /// Instead of the sum of the items.
    pub(crate) amount: Option<super::amount::Amount>,
    /// Instead of the usual one for the decision.
    pub(crate) status_detail: Option<String>,
    /// Pay although the link has expired, as a voucher paid late would.
    #[serde(default)]
    pub(crate) ignore_expiry: bool,
}

/// Why nobody can pay this link now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PayError {
    #[error("there is no such preference")]
    Unknown,
    #[error("the link is not open yet")]
    NotYetOpen,
    #[error("the link has expired")]
    Expired,
}

/// Makes a payment on the preference and returns its id.
pub(crate) fn pay(
    world: &mut World,
    options: &MercadoPagoOptions,
    now: OffsetDateTime,
    preference: &str,
    decision: Decision,
    payer: Payer,
) -> Result<u64, PayError> {
    let known = world.preferences.get(preference).ok_or(PayError::Unknown)?;
    if !payer.ignore_expiry {
        open(known.terms.opens, known.terms.closes, now)?;
    }
    let terms = known.terms.clone();
    let vouchers = !terms.excluded_types.iter().any(|excluded| excluded == "ticket");
    let (method, method_type) = match decision {
        Decision::Pending if vouchers => ("rapipago", "ticket"),
        Decision::Pending => ("cvu", "bank_transfer"),
        Decision::Approve | Decision::Reject => ("visa", "credit_card"),
    };
    let (status, detail) = match decision {
        Decision::Approve => ("approved", "accredited"),
        Decision::Reject => ("rejected", "cc_rejected_other_reason"),
        Decision::Pending if terms.binary => ("rejected", "cc_rejected_other_reason"),
        Decision::Pending if method_type == "ticket" => ("pending", "pending_waiting_payment"),
        Decision::Pending => ("pending", "pending_waiting_transfer"),
    };
    let id = world.next_id();
    let payment = Payment {
        id,
        status: status.to_owned(),
        detail: payer.status_detail.unwrap_or_else(|| detail.to_owned()),
        external_reference: terms.external_reference,
        amount: payer.amount.map_or(terms.total, |amount| amount.0),
        currency: terms.currency,
        collector: options.collector_id,
        operation_type: "regular_payment".to_owned(),
        method: method.to_owned(),
        method_type: method_type.to_owned(),
        created: now,
        approved: (decision == Decision::Approve).then_some(now),
        updated: now,
        expires: if status == "pending" {
            terms.voucher_until
        } else {
            None
        },
        preference: Some(preference.to_owned()),
        order: Some(world.order_of(preference, now)),
        description: terms.items.first().map(|item| item.title.clone()),
        payer_email: terms
            .payer_email
            .or_else(|| Some("test_user_1@testuser.com".to_owned())),
        metadata: terms.metadata,
        notification_url: terms.notification_url,
        refunds: Vec::new(),
    };
    world.payments.insert(id, payment);
    Ok(id)
}

/// Whether a link with these ends works at `now`.
pub(crate) fn open(
    opens: Option<OffsetDateTime>,
    closes: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<(), PayError> {
    if opens.is_some_and(|opens| now < opens) {
        return Err(PayError::NotYetOpen);
    }
    if closes.is_some_and(|closes| closes <= now) {
        return Err(PayError::Expired);
    }
    Ok(())
}

/// What is held for one reference: approved and not given back.
pub(crate) fn held(payment: &Payment) -> Decimal {
    match payment.status.as_str() {
        "approved" | "in_mediation" => payment.amount - payment.refunded(),
        "charged_back" if payment.detail == "reimbursed" => payment.amount - payment.refunded(),
        _ => Decimal::ZERO,
    }
}
