//! Refunds: made at the provider's side, scripted, or brought to an end.

use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    control::problem::Problem,
    mercadopago::{Amount, RefundAsk, RefundOutcome, RefundStatus, announce, refund, settle_refunds},
    state::{App, lock},
};

/// How much.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// All that is left if absent.
    amount: Option<Amount>,
}

/// `POST /_control/mercadopago/payments/{id}/refund`: somebody refunds in Mercado Pago's panel.
pub(crate) async fn create(app: App, id: Path<u64>, order: Json<Order>) -> Result<HttpResponse, Problem> {
    let refund = refund_at_provider(&app, *id, order.amount)?;
    Ok(HttpResponse::Created().json(json!({ "id": refund, "payment_id": *id })))
}

/// Refunds a payment without a call of ours, and tells of it.
pub(crate) fn refund_at_provider(app: &App, payment: u64, amount: Option<Amount>) -> Result<u64, Problem> {
    let made = {
        let mut world = lock(&app.mercadopago);
        let id = world.next_id();
        let now = app.clock.now();
        let known = world
            .payments
            .get_mut(&payment)
            .ok_or_else(|| Problem::payment(payment))?;
        let ask = RefundAsk {
            amount: amount.map(|amount| amount.0),
            outcome: RefundOutcome::Approved,
            renders_in_process: false,
        };
        refund(known, id, &ask, now).map_err(|failure| Problem::Conflict(failure.to_string()))?
    };
    announce(app, payment, "payment.updated");
    Ok(made.id)
}

/// How the next refunds turn out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    outcome: RefundOutcome,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// `POST /_control/mercadopago/refunds/next`.
pub(crate) async fn next(app: App, script: Json<Script>) -> HttpResponse {
    let mut world = lock(&app.mercadopago);
    for _time in 0..script.times {
        world.refund_outcomes.push_back(script.outcome);
    }
    HttpResponse::NoContent().finish()
}

/// Where a refund ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ending {
    status: RefundStatus,
}

/// `POST /_control/mercadopago/refunds/{id}`: a refund in process ends.
pub(crate) async fn finish(app: App, id: Path<u64>, ending: Json<Ending>) -> Result<HttpResponse, Problem> {
    let (payment, view) = {
        let mut world = lock(&app.mercadopago);
        let now = app.clock.now();
        let has_it =
            |payment: &&mut crate::mercadopago::Payment| payment.refunds.iter().any(|known| known.id == *id);
        let unknown = || Problem::Unknown(format!("refund {id}"));
        let payment = world.payments.values_mut().find(has_it).ok_or_else(unknown)?;
        let refund = payment
            .refunds
            .iter_mut()
            .find(|known| known.id == *id)
            .ok_or_else(unknown)?;
        refund.status = ending.status;
        settle_refunds(payment, "refunded", now);
        (payment.id, payment.view())
    };
    announce(&app, payment, "payment.updated");
    Ok(HttpResponse::Ok().json(view))
}
