//! `/v1/payments/{id}/refunds`: give back, list, read.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    amount::Amount,
    bearer::Bearer,
    failure::Failure,
    idempotency,
    notifications::announce,
    preferences::object,
    refund::{self, Ask, RefundOutcome},
};
use crate::state::{App, lock};

#[derive(Deserialize)]
struct Request {
    amount: Option<Amount>,
}

/// `POST /v1/payments/{id}/refunds` → 201.
pub(crate) async fn create(
    _bearer: Bearer,
    app: App,
    id: Path<u64>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let key = idempotency::required_key(&request)?;
    let asked = Value::Object(object(&body)?);
    let operation = format!("refunds of {id}");
    let view = {
        let mut world = lock(&app.mercadopago);
        if let Some(stored) = world.answers.replay(&operation, key, &asked)? {
            return Ok(stored);
        }
        let parsed = Request::deserialize(&asked);
        let parsed = parsed.map_err(|error| Failure::bad_request("bad_request", error.to_string()))?;
        let renders = request.headers().get("x-render-in-process-refunds");
        let mut ask = Ask {
            amount: parsed.amount.map(|amount| amount.0),
            outcome: RefundOutcome::Approved,
            renders_in_process: renders.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true")),
        };
        if !world.payments.contains_key(&id) {
            return Err(Failure::not_found("Payment not found"));
        }
        ask.outcome = world
            .refund_outcomes
            .pop_front()
            .unwrap_or(RefundOutcome::Approved);
        let refund_id = world.next_id();
        let now = app.clock.now();
        let payment = world
            .payments
            .get_mut(&id)
            .ok_or_else(|| Failure::not_found("Payment not found"))?;
        let view = refund::refund(payment, refund_id, &ask, now)?.view(*id);
        world
            .answers
            .store(&operation, key, asked, StatusCode::CREATED, view.clone());
        view
    };
    announce(&app, *id, "payment.updated");
    Ok(HttpResponse::Created().json(view))
}

/// `GET /v1/payments/{id}/refunds`.
pub(crate) async fn list(_bearer: Bearer, app: App, id: Path<u64>) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let payment = world
        .payments
        .get(&id)
        .ok_or_else(|| Failure::not_found("Payment not found"))?;
    let refunds: Vec<_> = payment
        .refunds
        .iter()
        .map(|refund| refund.view(payment.id))
        .collect();
    Ok(HttpResponse::Ok().json(refunds))
}

/// `GET /v1/payments/{id}/refunds/{refund_id}`.
pub(crate) async fn read(_bearer: Bearer, app: App, ids: Path<(u64, u64)>) -> Result<HttpResponse, Failure> {
    let (payment, refund) = ids.into_inner();
    let world = lock(&app.mercadopago);
    let payment = world
        .payments
        .get(&payment)
        .ok_or_else(|| Failure::not_found("Payment not found"))?;
    let found = payment.refunds.iter().find(|known| known.id == refund);
    let refund = found.ok_or_else(|| Failure::not_found("Refund not found"))?;
    Ok(HttpResponse::Ok().json(refund.view(payment.id)))
}
