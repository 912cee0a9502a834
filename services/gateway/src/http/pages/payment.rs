//! Where Mercado Pago sends a guest after the checkout.
//!
//! Anybody can open these addresses with anything in them, so a page says what happens next and never that it has
//! happened: what became of the money is read from the provider, and told to the guest by WhatsApp if they left a
//! telephone, and on their reservation's page. Nothing of the query is shown but a reservation's code that looks like
//! one; nothing is looked up by it.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::code::ReservationCode;
use maud::{Markup, html};

use super::layout::page;

/// The payment went through, says the browser: 200.
pub(in crate::http) async fn approved(request: HttpRequest) -> HttpResponse {
    let main = html! {
        (icon("good", "M17 29l8 8 15-17"))
        h1 { "¡Gracias! Estamos verificando tu pago" }
        p { "Ahora Mercado Pago nos confirma el pago. Suele tardar menos de un minuto." }
        h2 { "Qué sigue" }
        ol {
            li { "Al recibir la confirmación, tu estadía queda reservada." }
            (told("Te avisamos"))
            li { "No hace falta que hagas nada más. Puedes cerrar esta página." }
        }
        (code(&request))
        footer {
            p { strong { "No vuelvas a pagar." } " Si en 15 minutos tu reserva no figura como confirmada, escríbenos por "
                "el mismo medio por el que reservaste y ten a mano el número de operación de Mercado Pago." }
        }
    };
    page("Estamos verificando tu pago", &main)
}

/// The payment was refused, says the browser: 200.
pub(in crate::http) async fn rejected(request: HttpRequest) -> HttpResponse {
    let main = html! {
        (icon("bad", "M19 19l18 18M37 19L19 37"))
        h1 { "El pago no se completó" }
        p { "Mercado Pago no aprobó el pago, o lo cancelaste antes de terminar. Tu reserva todavía no está confirmada." }
        h2 { "Qué puedes hacer" }
        ol {
            li { "Vuelve a la página de tu reserva, o al enlace de pago que te enviamos por WhatsApp, e inténtalo otra "
                "vez, si quieres con otra tarjeta u otro medio de pago." }
            li { "Hazlo antes de la hora de vencimiento de tu reserva: hasta entonces las noches siguen apartadas para "
                "ti; después quedan libres para otras personas." }
            li { "Si el enlace ya venció, escríbenos y vemos juntos si las noches siguen libres." }
        }
        (code(&request))
        footer {
            p { "Si tu banco muestra un cargo de un pago que no se aprobó, suele anularse solo en unos días." }
        }
    };
    page("El pago no se completó", &main)
}

/// The payment takes its time, says the browser: 200.
pub(in crate::http) async fn pending(request: HttpRequest) -> HttpResponse {
    let main = html! {
        (icon("wait", "M28 17v12l8 5"))
        h1 { "Tu pago está en proceso" }
        p { "Algunos medios de pago tardan en acreditarse. Tu estadía queda confirmada cuando el pago se acredita, no antes." }
        h2 { "Qué sigue" }
        ol {
            li { "Si elegiste pagar en efectivo o por transferencia, hazlo cuanto antes con los datos que te dio "
                "Mercado Pago, y guarda el comprobante." }
            (told("Apenas se acredite te avisamos"))
            li { "Si el dinero llega cuando las noches ya no están libres, te lo devolvemos completo." }
        }
        (code(&request))
        footer {
            p { strong { "No vuelvas a pagar" } " mientras este pago esté en proceso. Ante cualquier duda, escríbenos por "
                "el mismo medio por el que reservaste." }
        }
    };
    page("Tu pago está en proceso", &main)
}

/// How a guest hears of it: nothing but WhatsApp is ever sent.
fn told(we_tell: &str) -> Markup {
    html! {
        li { (we_tell) " por WhatsApp, si dejaste un teléfono al reservar. También lo ves en la página de tu reserva." }
    }
}

/// A ring with `path` in it; the words beside it say the same.
fn icon(tone: &str, path: &str) -> Markup {
    html! {
        svg class=(tone) viewBox="0 0 56 56" fill="none" stroke="currentColor" stroke-width="4"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" {
            circle cx="28" cy="28" r="25" {}
            path d=(path) {}
        }
    }
}

/// The code that the guest came with, to be quoted to us; none if it does not look like one.
fn code(request: &HttpRequest) -> Markup {
    let code = reservation_code(request.query_string());
    html! {
        @if let Some(code) = code {
            p.code { span { "Código de tu reserva" } strong { (code) } }
        }
    }
}

fn reservation_code(query: &str) -> Option<ReservationCode> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .ok()?
        .into_inner();
    let (_, reference) = pairs.into_iter().find(|(name, _)| name == "external_reference")?;
    reference.parse().ok()
}
