//! Preferences: list them, and pay one.

use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    control::problem::Problem,
    mercadopago::{Amount, Decision, Payer, announce, pay},
    state::{App, lock},
};

/// `GET /_control/mercadopago/preferences`.
pub(crate) async fn list(app: App) -> HttpResponse {
    let world = lock(&app.mercadopago);
    let collector = app.options.mercadopago.collector_id;
    let views: Vec<_> = world
        .preferences
        .values()
        .map(|preference| preference.view(&app.base_url, collector))
        .collect();
    HttpResponse::Ok().json(views)
}

/// What the buyer does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pay {
    #[serde(default = "approve")]
    decision: Decision,
    amount: Option<Amount>,
    status_detail: Option<String>,
    #[serde(default)]
    ignore_expiry: bool,
    /// The next reads of the payment that answer 404.
    #[serde(default)]
    hidden_reads: u32,
    /// `false` tells nobody.
    #[serde(default = "yes")]
    notify: bool,
}

fn approve() -> Decision {
    Decision::Approve
}

fn yes() -> bool {
    true
}

/// `POST /_control/mercadopago/preferences/{id}/pay` → the payment.
pub(crate) async fn pay_it(app: App, id: Path<String>, order: Json<Pay>) -> Result<HttpResponse, Problem> {
    let order = order.into_inner();
    let payer = Payer {
        amount: order.amount,
        status_detail: order.status_detail,
        ignore_expiry: order.ignore_expiry,
    };
    let (payment, view) = {
        let mut world = lock(&app.mercadopago);
        let now = app.clock.now();
        let paid = pay(
            &mut world,
            &app.options.mercadopago,
            now,
            &id,
            order.decision,
            payer,
        );
        let payment = paid.map_err(|error| Problem::Conflict(error.to_string()))?;
        if 0 < order.hidden_reads {
            world.hidden.insert(payment, order.hidden_reads);
        }
        (
            payment,
            world
                .payments
                .get(&payment)
                .map_or_else(|| json!({}), crate::mercadopago::Payment::view),
        )
    };
    if order.notify {
        announce(&app, payment, "payment.created");
    }
    Ok(HttpResponse::Created().json(view))
}
