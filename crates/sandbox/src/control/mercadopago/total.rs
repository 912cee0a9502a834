//! `/_control/mercadopago/totals`: the money held, by reference; what a model test compares with our books.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::{
    mercadopago::{Amount, held},
    state::{App, lock},
};

/// The money of one reference in one currency.
#[derive(Default, Serialize)]
struct Total {
    external_reference: Option<String>,
    currency: String,
    /// Ever approved.
    approved: Amount,
    /// Given back by approved refunds.
    refunded: Amount,
    /// What Mercado Pago holds for us now: without what was given back or charged back.
    held: Amount,
    payments: Vec<u64>,
}

/// `GET /_control/mercadopago/totals`.
pub(crate) async fn list(app: App) -> HttpResponse {
    let world = lock(&app.mercadopago);
    let mut totals: BTreeMap<(Option<String>, String), Total> = BTreeMap::new();
    for payment in world.payments.values() {
        let key = (payment.external_reference.clone(), payment.currency.clone());
        let total = totals.entry(key.clone()).or_insert_with(|| Total {
            external_reference: key.0,
            currency: key.1,
            ..Total::default()
        });
        let approved = if payment.approved.is_some() {
            payment.amount
        } else {
            Decimal::ZERO
        };
        total.approved.0 += approved;
        total.refunded.0 += payment.refunded();
        total.held.0 += held(payment);
        total.payments.push(payment.id);
    }
    HttpResponse::Ok().json(totals.into_values().collect::<Vec<_>>())
}
