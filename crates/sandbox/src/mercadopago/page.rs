//! The page that shows every link and payment, and lets a person act as Mercado Pago.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Form, Path},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    dispute::DisputeKind,
    notifications::announce,
    payment::{Payment, usual_detail},
    preference::Preference,
};
use crate::{
    control::dispute,
    pages::{self, money},
    state::{App, lock},
};

/// `GET /mercadopago`.
pub(crate) async fn show(app: App) -> HttpResponse {
    let world = lock(&app.mercadopago);
    let mut preferences: Vec<&Preference> = world.preferences.values().collect();
    preferences.sort_by_key(|preference| std::cmp::Reverse(preference.created));
    let page = html! {
        h1 { "Mercado Pago" }
        section.card {
            h2 { "Pagos" }
            @if world.payments.is_empty() { p.small { "Todavía no hay pagos." } }
            table {
                @for payment in world.payments.values().rev() { (row(payment)) }
            }
        }
        section.card {
            h2 { "Enlaces de pago" }
            @if preferences.is_empty() { p.small { "Todavía no hay enlaces." } }
            table {
                @for preference in preferences {
                    tr {
                        td { a href=(format!("/checkout/v1/redirect?pref_id={}", preference.id)) {
                            (preference.terms.external_reference.as_deref().unwrap_or("sin referencia")) } }
                        td { (preference.terms.items.first().map_or("", |item| item.title.as_str())) }
                        td.right { (money(preference.terms.total, &preference.terms.currency)) }
                        td.small { @if let Some(closes) = preference.terms.closes { "vence " (pages::instant(closes)) } }
                    }
                }
            }
        }
    };
    pages::answer(StatusCode::OK, "Mercado Pago", &page)
}

fn row(payment: &Payment) -> Markup {
    let actions: &[(&str, &str)] = match payment.status.as_str() {
        "pending" | "in_process" | "authorized" => &[
            ("approved", "Aprobar"),
            ("rejected", "Rechazar"),
            ("cancelled", "Vencer"),
        ],
        "approved" => &[
            ("refund", "Devolver todo"),
            ("chargeback", "Contracargo"),
            ("claim", "Reclamo"),
        ],
        _ => &[],
    };
    html! {
        tr {
            td { (payment.id) }
            td { (payment.external_reference.as_deref().unwrap_or("sin referencia")) }
            td { b { (payment.status) } br; span.small { (payment.detail) } }
            td.right {
                (money(payment.amount, &payment.currency))
                @if !payment.refunds.is_empty() { br; span.small { "devuelto " (money(payment.refunded(), &payment.currency)) } }
            }
            td {
                form.inline method="post" action=(format!("/mercadopago/payments/{}", payment.id)) {
                    @for (action, words) in actions { button name="action" value=(action) { (words) } }
                }
            }
        }
    }
}

/// A press on a button of a payment's row.
#[derive(Deserialize)]
pub(crate) struct Press {
    action: String,
}

/// `POST /mercadopago/payments/{id}`.
pub(crate) async fn act(app: App, id: Path<u64>, press: Form<Press>) -> HttpResponse {
    match press.action.as_str() {
        "refund" => drop(control_refund(&app, *id)),
        "chargeback" => drop(dispute(&app, *id, DisputeKind::Chargeback)),
        "claim" => drop(dispute(&app, *id, DisputeKind::Claim)),
        status @ ("approved" | "rejected" | "cancelled") => {
            if let Some(payment) = lock(&app.mercadopago).payments.get_mut(&id) {
                payment.become_(status, usual_detail(status), app.clock.now());
            }
            announce(&app, *id, "payment.updated");
        }
        _ => {}
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/mercadopago"))
        .finish()
}

fn control_refund(app: &App, id: u64) -> Option<u64> {
    crate::control::refund_at_provider(app, id, None).ok()
}
