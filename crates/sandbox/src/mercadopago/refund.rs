//! Money given back: the rules, and how a refund looks.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{amount::Amount, failure::Failure, payment::Payment, timestamp};

/// One refund of a payment.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: u64,
    pub(crate) amount: Decimal,
    pub(crate) status: RefundStatus,
    pub(crate) created: OffsetDateTime,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    /// The money went back.
    Approved,
    /// It may take days.
    InProcess,
    /// It will not go back.
    Rejected,
    /// Taken back before it ended.
    Cancelled,
}

/// How the next refund turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundOutcome {
    /// At once.
    Approved,
    /// 201 `in_process` for callers that can show it, else 400.
    InProcess,
    /// 400, and nothing happens.
    Refused,
}

impl Refund {
    /// The refund as the API shows it.
    pub(crate) fn view(&self, payment: u64) -> Value {
        let given = if self.status == RefundStatus::Approved {
            self.amount
        } else {
            Decimal::ZERO
        };
        json!({
            "id": self.id,
            "payment_id": payment,
            "amount": Amount(self.amount),
            "metadata": {},
            "source": { "id": "1234567890", "name": "alojamientos", "type": "collector" },
            "date_created": timestamp::write(self.created),
            "unique_sequence_number": null,
            "refund_mode": "standard",
            "adjustment_amount": 0,
            "status": self.status,
            "reason": null,
            "labels": [],
            "amount_refunded_to_payer": Amount(given),
        })
    }
}

/// What a caller asks for.
pub(crate) struct Ask {
    /// The part to give back; all that is left if absent.
    pub(crate) amount: Option<Decimal>,
    pub(crate) outcome: RefundOutcome,
    /// Whether the caller can show a refund in process (`X-Render-In-Process-Refunds: true`).
    pub(crate) renders_in_process: bool,
}

/// Gives back a part or all of `payment`; returns the refund.
pub(crate) fn refund(
    payment: &mut Payment,
    id: u64,
    ask: &Ask,
    now: OffsetDateTime,
) -> Result<Refund, Failure> {
    if !["approved", "in_mediation", "charged_back"].contains(&payment.status.as_str()) {
        let message = "The action requested is not valid for the current payment state";
        return Err(Failure::bad_request("bad_request", message).because(2063));
    }
    let amount = ask.amount.unwrap_or_else(|| payment.refundable());
    if amount <= Decimal::ZERO || payment.refundable() < amount {
        return Err(Failure::bad_request("bad_request", "Invalid refund amount").because(4040));
    }
    let status = match (ask.outcome, ask.renders_in_process) {
        (RefundOutcome::Approved, _) => RefundStatus::Approved,
        (RefundOutcome::InProcess, true) => RefundStatus::InProcess,
        (RefundOutcome::InProcess, false) => {
            return Err(Failure::bad_request("bad_request", "Refund in contingency").because(2024));
        }
        (RefundOutcome::Refused, _) => {
            let message = "You don't have enough available money to make the refund";
            return Err(Failure::bad_request("bad_request", message).because(2085));
        }
    };
    let refund = Refund {
        id,
        amount,
        status,
        created: now,
    };
    payment.refunds.push(refund.clone());
    settle(payment, "refunded", now);
    Ok(refund)
}

/// Moves the payment to where its refunds have brought it.
pub(crate) fn settle(payment: &mut Payment, detail: &str, now: OffsetDateTime) {
    let refunded = payment.refunded();
    payment.updated = now;
    if refunded == payment.amount && Decimal::ZERO < refunded {
        payment.become_("refunded", detail, now);
    } else if Decimal::ZERO < refunded && payment.status == "approved" {
        payment.become_("approved", "partially_refunded", now);
    }
}
