//! Payments as text for people and JSON for scripts.

use api::payment::{Reconciliation, ReconciliationDifference};
use domain::money::Money;
use domain::payment::PaymentState;
use serde_json::{Value, json};
use storage::payments::{Decided, StoredPayment};
use storage::refunds::StoredRefund;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What may be decided on a parked payment.
fn possible(payment: &StoredPayment) -> &'static [&'static str] {
    if !payment.is_parked() {
        &[]
    } else if payment.state == PaymentState::Approved && payment.amount().is_some() {
        &["credit", "refund", "dismiss"]
    } else {
        &["dismiss"]
    }
}

pub(super) fn payment(payment: &StoredPayment) -> Value {
    json!({
        "id": payment.id,
        "provider_payment_id": payment.provider_payment_id,
        "reference": payment.external_reference,
        "reservation_id": payment.reservation,
        "state": payment.state.as_str(),
        "state_detail": payment.state_detail,
        "amount": amount(payment, payment.amount_minor),
        "refunded": amount(payment, payment.refunded_minor),
        "currency": payment.currency,
        "found_by": payment.found_by.as_str(),
        "resolution": payment.resolution.map(storage::payments::Resolution::as_str),
        "parked": payment.is_parked(),
        "park_reason": payment.park_reason,
        "parked_at": payment.parked_at.map(instant),
        "possible_decisions": possible(payment),
    })
}

pub(super) fn parked_text(parked: &[StoredPayment]) -> String {
    if parked.is_empty() {
        return "no payment waits for a person".to_owned();
    }
    let lines: Vec<String> = parked.iter().map(line).collect();
    format!(
        "{} payments wait for a person\n{}",
        parked.len(),
        lines.join("\n")
    )
}

fn line(payment: &StoredPayment) -> String {
    format!(
        "{}  {} {}, {}, reference {}\n    {} since {}; possible: {}",
        payment.provider_payment_id,
        payment.currency,
        amount(payment, payment.amount_minor),
        payment.state.as_str(),
        payment.external_reference.as_deref().unwrap_or("none"),
        payment.park_reason.as_deref().unwrap_or("parked"),
        payment.parked_at.map(instant).unwrap_or_default(),
        possible(payment).join(", "),
    )
}

pub(super) fn detail(
    found: &StoredPayment,
    refunds: &[StoredRefund],
    decisions: &[Decided],
) -> (String, Value) {
    let resolution = found
        .resolution
        .map_or("not judged", |resolution| resolution.as_str());
    let mut lines = vec![format!(
        "payment {} ({})\n  {} {}, {} {}\n  given back: {}; found by {}; {resolution}",
        found.provider_payment_id,
        found.id,
        found.currency,
        amount(found, found.amount_minor),
        found.state.as_str(),
        found.state_detail,
        amount(found, found.refunded_minor),
        found.found_by.as_str(),
    )];
    if found.is_parked() {
        lines.push(line(found));
    }
    for refund in refunds {
        lines.push(format!(
            "  refund {} of {}: {}, {}, by {}, {} tries{}",
            refund.id,
            refund.amount.decimal(),
            refund.state.as_str(),
            refund.reason,
            refund.actor,
            refund.attempts,
            refund
                .failure
                .as_deref()
                .map(|why| format!(" ({why})"))
                .unwrap_or_default(),
        ));
    }
    for decided in decisions {
        lines.push(format!(
            "  {} {} by {} on {}: {}",
            instant(decided.at),
            decided.decision,
            decided.actor,
            decided.was_parked_for,
            decided.reason,
        ));
    }
    let refunds: Vec<Value> = refunds
        .iter()
        .map(|refund| {
            json!({
                "id": refund.id, "amount": refund.amount.decimal(), "state": refund.state.as_str(),
                "reason": refund.reason, "actor": refund.actor, "attempts": refund.attempts, "failure": refund.failure,
            })
        })
        .collect();
    let decisions: Vec<Value> = decisions
        .iter()
        .map(|decided| {
            json!({
                "at": instant(decided.at), "actor": decided.actor, "decision": decided.decision,
                "reason": decided.reason, "was_parked_for": decided.was_parked_for,
                "reservation_id": decided.reservation,
            })
        })
        .collect();
    let value = json!({ "payment": payment(found), "refunds": refunds, "decisions": decisions });
    (lines.join("\n"), value)
}

pub(super) fn reconciliation_text(found: &Reconciliation) -> String {
    let mut lines = vec![format!(
        "{} payments compared: {} repaired, {} parked, {} unreadable",
        found.compared,
        found.repaired.len(),
        found.parked.len(),
        found.failed.len()
    )];
    let line = |what: &str, difference: &ReconciliationDifference| {
        let was = if difference.missing {
            "was not known"
        } else {
            "was stale"
        };
        format!(
            "  {what} {}: {was}, now {}",
            difference.provider_payment_id, difference.now
        )
    };
    lines.extend(
        found
            .repaired
            .iter()
            .map(|difference| line("repaired", difference)),
    );
    lines.extend(found.parked.iter().map(|difference| line("parked", difference)));
    lines.extend(found.failed.iter().map(|id| format!("  unreadable {id}")));
    lines.join("\n")
}

/// In the currency's own decimals; hundredths for a currency that the house does not sell in.
fn amount(payment: &StoredPayment, minor: i64) -> String {
    let currency = payment.currency.parse();
    match currency.map(|currency| Money::new(minor, currency)) {
        Ok(Ok(money)) => money.decimal(),
        _ => format!("{minor} hundredths"),
    }
}

fn instant(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
