//! The pages for people: in Spanish, plain HTML, nothing loaded from outside.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{self, ServiceConfig},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rust_decimal::Decimal;
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description, macros::offset};

const STYLE: &str = include_str!("pages/style.css");

const INSTANT: &[FormatItem<'_>] = format_description!("[day]/[month]/[year] [hour]:[minute]:[second]");

/// What the browser may do with our pages: nothing from outside, and no frames around them.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/// The front page.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/").get(index));
    config.service(web::resource(["/livez", "/readyz"]).get(async || HttpResponse::Ok().body("ok")));
}

/// `GET /`.
async fn index() -> HttpResponse {
    let page = html! {
        h1 { "El mundo de afuera, de juguete" }
        p { "Esta caja de arena hace de Mercado Pago, de WhatsApp y de los canales. Nada sale de esta máquina." }
        nav.worlds {
            a.card href="/mercadopago" { h2 { "Mercado Pago" } p { "Enlaces de pago, pagos, devoluciones y contracargos." } }
            a.card href="/whatsapp" { h2 { "WhatsApp" } p { "Escribí como huésped y mirá lo que contesta la casa." } }
            a.card href="/channels" { h2 { "Canales" } p { "Los calendarios de Airbnb, Booking.com, Vrbo y Google." } }
        }
        p.small { "Para pruebas hay más en " code { "/_control" } "; ver " code { "docs/SANDBOX.md" } "." }
    };
    answer(StatusCode::OK, "Caja de arena", &page)
}

/// A whole page around `content`.
pub(crate) fn answer(status: StatusCode, title: &str, content: &Markup) -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang="es" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · caja de arena" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { a href="/" { "caja de arena" } a href="/mercadopago" { "Mercado Pago" }
                    a href="/whatsapp" { "WhatsApp" } a href="/channels" { "Canales" } }
                main { (content) }
            }
        }
    };
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page.into_string())
}

/// `$ 15.000,50 ARS`, as it is written in Argentina.
pub(crate) fn money(amount: Decimal, currency: &str) -> String {
    let text = format!("{:.2}", amount.round_dp(2));
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::with_capacity(whole.len() + 4);
    let digits = whole.chars().count();
    for (position, digit) in whole.chars().enumerate() {
        if 0 < position && (digits - position).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("$ {grouped},{cents} {currency}")
}

/// An instant in the time of Argentina.
pub(crate) fn instant(instant: OffsetDateTime) -> String {
    instant.to_offset(offset!(-3)).format(INSTANT).unwrap_or_default()
}
