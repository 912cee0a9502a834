//! Disputes: chargebacks of the bank and claims of the buyer.

use actix_web::{HttpResponse, web::Path};
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::{amount::Amount, bearer::Bearer, failure::Failure, timestamp};
use crate::state::{App, lock};

/// A dispute over one payment.
#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) id: u64,
    pub(crate) kind: DisputeKind,
    pub(crate) payment: u64,
    pub(crate) opened: OffsetDateTime,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeKind {
    /// The bank took the money back; the payment becomes `charged_back`.
    Chargeback,
    /// The buyer complained; the payment becomes `in_mediation`.
    Claim,
    /// Mercado Pago suspects fraud and asks not to deliver; the payment stays as it is.
    FraudAlert,
}

/// Ids of chargebacks begin beyond 2^53, where doubles lose digits.
pub(crate) const CHARGEBACK_BASE: u64 = 233_000_000_000_000_000;

/// `GET /v1/chargebacks/{id}`.
pub(crate) async fn read_chargeback(
    _bearer: Bearer,
    app: App,
    id: Path<u64>,
) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let dispute = world
        .disputes
        .get(&id)
        .filter(|dispute| dispute.kind == DisputeKind::Chargeback);
    let dispute = dispute.ok_or_else(|| Failure::not_found("chargeback not found"))?;
    let payment = world
        .payments
        .get(&dispute.payment)
        .ok_or_else(|| Failure::not_found("payment not found"))?;
    Ok(HttpResponse::Ok().json(json!({
        "id": dispute.id,
        "payments": [payment.id],
        "currency": payment.currency,
        "amount": Amount(payment.amount),
        "reason": "general",
        "coverage_applied": null,
        "coverage_elegible": true,
        "documentation_required": true,
        "documentation_status": "pending",
        "documentation": [],
        "date_documentation_deadline": timestamp::write(dispute.opened + time::Duration::days(10)),
        "date_created": timestamp::write(dispute.opened),
        "date_last_updated": timestamp::write(payment.updated),
        "live_mode": true,
    })))
}

/// `GET /post-purchase/v1/claims/{id}`.
pub(crate) async fn read_claim(_bearer: Bearer, app: App, id: Path<u64>) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let dispute = world
        .disputes
        .get(&id)
        .filter(|dispute| dispute.kind == DisputeKind::Claim);
    let dispute = dispute.ok_or_else(|| Failure::not_found("claim not found"))?;
    Ok(HttpResponse::Ok().json(json!({
        "id": dispute.id,
        "resource": "payment",
        "resource_id": dispute.payment,
        "status": "opened",
        "type": "mediations",
        "stage": "claim",
        "parent_id": null,
        "reason_id": "PNR9300",
        "fulfilled": true,
        "site_id": "MLA",
        "date_created": timestamp::write(dispute.opened),
        "last_updated": timestamp::write(dispute.opened),
    })))
}
