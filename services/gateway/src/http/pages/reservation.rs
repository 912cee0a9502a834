//! A guest's own reservation: seen, paid and cancelled from its link.
//!
//! The page is the same for every code, so that it tells nobody anything. What it shows comes over the API with the
//! token behind the `#` of its address, which a browser sends to no server.

use actix_web::{HttpRequest, HttpResponse};
use maud::html;

use super::layout::page_with_script;

const SCRIPT: &str = include_str!("reservation.js");

/// The page of a reservation, known or not: 200.
pub(in crate::http) async fn show(_request: HttpRequest) -> HttpResponse {
    let main = html! {
        h1 { "Buscando tu reserva…" }
        noscript {
            p { "Para mostrarla, esta página necesita JavaScript. Si no puedes activarlo, escríbenos por el mismo medio por "
                "el que reservaste." }
        }
    };
    page_with_script("Tu reserva", &main, SCRIPT)
}
