//! The checkout page: what a buyer sees, and the three ways it can end.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Form, Query},
};
use maud::{Markup, html};
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use super::{
    notifications::announce,
    paying::{Decision, PayError, Payer, open, pay},
    payment::Payment,
    preference::{Preference, Terms},
};
use crate::{
    pages::{self, money},
    state::{App, lock},
};

/// Which preference the page is for.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(alias = "preference-id", alias = "preference_id")]
    pref_id: String,
}

/// `GET /checkout/v1/redirect?pref_id=…`.
pub(crate) async fn show(app: App, link: Query<Link>) -> HttpResponse {
    let now = app.clock.now();
    let world = lock(&app.mercadopago);
    let Some(preference) = world.preferences.get(&link.pref_id) else {
        return refusal(PayError::Unknown);
    };
    let paid = world.payments.values().any(|payment| {
        payment.preference.as_deref() == Some(preference.id.as_str()) && payment.status == "approved"
    });
    match open(preference.terms.opens, preference.terms.closes, now) {
        Ok(()) => pages::answer(StatusCode::OK, "Mercado Pago", &checkout(preference, paid)),
        Err(error) => refusal(error),
    }
}

fn checkout(preference: &Preference, paid: bool) -> Markup {
    let terms = &preference.terms;
    html! {
        section.card.narrow {
            h1 { "Pagar" }
            @if paid { p.note { "Este enlace ya tiene un pago aprobado; pagar otra vez hará un segundo pago." } }
            (summary(terms))
            form method="post" action="/checkout/v1/redirect" {
                input type="hidden" name="pref_id" value=(preference.id);
                button.good name="decision" value="approve" { "Aprobar" }
                button.bad name="decision" value="reject" { "Rechazar" }
                @if !terms.binary { button name="decision" value="pending" { "Dejar pendiente" } }
            }
            @if let Some(closes) = terms.closes { p.small { "El enlace vence: " (local(closes)) } }
            p.small { "Nadie cobra nada aquí: es un Mercado Pago de juguete." }
        }
    }
}

fn summary(terms: &Terms) -> Markup {
    html! {
        table {
            @for item in &terms.items {
                tr {
                    td {
                        (item.title)
                        @if 1 < item.quantity { " × " (item.quantity) }
                        @if let Some(description) = &item.description { br; span.small { (description) } }
                    }
                    td.right { (money(item.unit_price.0 * rust_decimal::Decimal::from(item.quantity), &terms.currency)) }
                }
            }
            tr.total { td { "Total" } td.right { (money(terms.total, &terms.currency)) } }
        }
    }
}

/// A press on one of the buttons.
#[derive(Deserialize)]
pub(crate) struct Press {
    pref_id: String,
    decision: Decision,
}

/// `POST /checkout/v1/redirect`: makes the payment and goes on to its result.
pub(crate) async fn decide(app: App, press: Form<Press>) -> HttpResponse {
    let now = app.clock.now();
    let paid = {
        let mut world = lock(&app.mercadopago);
        pay(
            &mut world,
            &app.options.mercadopago,
            now,
            &press.pref_id,
            press.decision,
            Payer::default(),
        )
    };
    match paid {
        Ok(payment) => {
            announce(&app, payment, "payment.created");
            let place = format!("/checkout/v1/result?payment_id={payment}");
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, place))
                .finish()
        }
        Err(error) => refusal(error),
    }
}

/// Which payment the page is for.
#[derive(Deserialize)]
pub(crate) struct Made {
    payment_id: u64,
}

/// `GET /checkout/v1/result?payment_id=…`.
pub(crate) async fn result(app: App, made: Query<Made>) -> HttpResponse {
    let world = lock(&app.mercadopago);
    let payment = world.payments.get(&made.payment_id);
    let preference = payment.and_then(|payment| world.preferences.get(payment.preference.as_deref()?));
    let (Some(payment), Some(preference)) = (payment, preference) else {
        return refusal(PayError::Unknown);
    };
    let back = way_back(payment, preference);
    let words = match payment.status.as_str() {
        "approved" => "Pago aprobado",
        "rejected" => "Pago rechazado",
        _ => "Pago pendiente",
    };
    let leaves = preference.terms.returns_by_itself && payment.status == "approved";
    let page = html! {
        @if let (true, Some(back)) = (leaves, &back) { meta http-equiv="refresh" content=(format!("3;url={back}")); }
        section.card.narrow {
            h1 { (words) }
            p { (money(payment.amount, &payment.currency)) " · operación " (payment.id) }
            @if payment.status == "rejected" {
                p { a href=(format!("/checkout/v1/redirect?pref_id={}", preference.id)) { "Probar otra vez" } }
            }
            @if let Some(back) = &back { p { a.button href=(back) { "Volver al sitio" } } }
        }
    };
    pages::answer(StatusCode::OK, words, &page)
}

/// The back URL with the parameters that Mercado Pago adds; they are for display only.
fn way_back(payment: &Payment, preference: &Preference) -> Option<String> {
    let urls = &preference.terms.back_urls;
    let url = match payment.status.as_str() {
        "approved" => &urls.success,
        "rejected" | "cancelled" => &urls.failure,
        _ => &urls.pending,
    };
    let mut url = Url::parse(url.as_deref()?)
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()))?;
    let id = payment.id.to_string();
    url.query_pairs_mut()
        .append_pair("collection_id", &id)
        .append_pair("collection_status", &payment.status)
        .append_pair("payment_id", &id)
        .append_pair("status", &payment.status)
        .append_pair(
            "external_reference",
            payment.external_reference.as_deref().unwrap_or("null"),
        )
        .append_pair("payment_type", &payment.method_type)
        .append_pair(
            "merchant_order_id",
            &payment.order.map(|order| order.to_string()).unwrap_or_default(),
        )
        .append_pair("preference_id", &preference.id)
        .append_pair("site_id", "MLA")
        .append_pair("processing_mode", "aggregator")
        .append_pair("merchant_account_id", "null");
    Some(url.into())
}

fn refusal(error: PayError) -> HttpResponse {
    let (status, words) = match error {
        PayError::Unknown => (StatusCode::NOT_FOUND, "Este enlace de pago no existe."),
        PayError::NotYetOpen => (
            StatusCode::FORBIDDEN,
            "Este enlace de pago todavía no está abierto.",
        ),
        PayError::Expired => (StatusCode::GONE, "Este enlace de pago venció. Pedí uno nuevo."),
    };
    pages::answer(
        status,
        "Mercado Pago",
        &html! { section.card.narrow { h1 { "No se puede pagar" } p { (words) } } },
    )
}

fn local(instant: OffsetDateTime) -> String {
    pages::instant(instant)
}
