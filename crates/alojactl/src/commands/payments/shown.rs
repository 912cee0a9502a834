//! Payments as text for people and JSON for scripts.

use api::payment::{Reconciliation, ReconciliationDifference};
use domain::money::Money;
use domain::payment::{ParkReason, PaymentState};
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
        return "no hay pagos que esperen una decisión".to_owned();
    }
    let lines: Vec<String> = parked.iter().map(line).collect();
    format!(
        "pagos que esperan una decisión: {}\n{}",
        parked.len(),
        lines.join("\n")
    )
}

fn line(payment: &StoredPayment) -> String {
    format!(
        "{}  {} {}, {}, referencia {}\n    {}, desde {}; se puede: {}",
        payment.provider_payment_id,
        payment.currency,
        amount(payment, payment.amount_minor),
        payment.state.as_str(),
        payment.external_reference.as_deref().unwrap_or("ninguna"),
        payment.park_reason.as_deref().map(why).unwrap_or_default(),
        payment.parked_at.map(instant).unwrap_or_default(),
        possible(payment).join(", "),
    )
}

/// The reason by its name, and what it means.
fn why(name: &str) -> String {
    let known = ParkReason::ALL.into_iter().find(|reason| reason.as_str() == name);
    let meaning = known.map_or("un motivo que no se conoce", |reason| match reason {
        ParkReason::UnknownReservation => "su referencia no es de ninguna reserva",
        ParkReason::WrongCurrency => "no está en la moneda de la reserva",
        ParkReason::WrongCollector => "entró en otra cuenta",
        ParkReason::WrongOperation => "no es un pago común",
        ParkReason::UnknownState => "Mercado Pago usa una palabra que no se conoce",
        ParkReason::Incomplete => "Mercado Pago no dijo el importe, o cuándo cambió",
        ParkReason::RefundRefused => "Mercado Pago rechazó la devolución",
        ParkReason::NoLongerApproved => "estaba aprobado y ya no, sin devolución ni disputa",
    });
    format!("{name} ({meaning})")
}

pub(super) fn detail(
    found: &StoredPayment,
    refunds: &[StoredRefund],
    decisions: &[Decided],
) -> (String, Value) {
    let resolution = found
        .resolution
        .map_or("sin juzgar", |resolution| resolution.as_str());
    let mut lines = vec![format!(
        "pago {} ({})\n  {} {}, {} {}\n  devuelto: {}; hallado por {}; {resolution}",
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
            "  devolución {} de {}: {}, {}, por {}, intentos: {}{}",
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
            "  {} {} por {}, esperaba por {}: {}",
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
        "pagos comparados: {}; reparados: {}, en espera: {}, ilegibles: {}",
        found.compared,
        found.repaired.len(),
        found.parked.len(),
        found.failed.len()
    )];
    let line = |what: &str, difference: &ReconciliationDifference| {
        let was = if difference.missing {
            "no se conocía"
        } else {
            "estaba atrasado"
        };
        format!(
            "  {what} {}: {was}, ahora {}",
            difference.provider_payment_id, difference.now
        )
    };
    lines.extend(
        found
            .repaired
            .iter()
            .map(|difference| line("reparado", difference)),
    );
    lines.extend(
        found
            .parked
            .iter()
            .map(|difference| line("en espera", difference)),
    );
    lines.extend(found.failed.iter().map(|id| format!("  ilegible {id}")));
    lines.join("\n")
}

/// In the currency's own decimals; hundredths for a currency that the house does not sell in.
fn amount(payment: &StoredPayment, minor: i64) -> String {
    let currency = payment.currency.parse();
    match currency.map(|currency| Money::new(minor, currency)) {
        Ok(Ok(money)) => money.decimal(),
        _ => format!("{minor} centésimos"),
    }
}

fn instant(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
