//! What every page has in common: its head, its style, and a policy that lets the browser load nothing.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use ring::digest::{SHA256, digest};

const STYLE: &str = include_str!("style.css");

/// The browser applies the one style that hashes to this, and fetches, runs, frames and submits nothing.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = hash(STYLE);
    format!(
        "default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// `sha256-…`, as a policy names what it allows.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// A page of its own. It is not kept by anyone: its address may name a payment.
pub(in crate::http) fn page(title: &str, main: &Markup) -> HttpResponse {
    answer(title, main, None, &POLICY)
}

/// A page whose one script may ask our API, and nobody else.
pub(in crate::http) fn page_with_script(title: &str, main: &Markup, script: &str) -> HttpResponse {
    let policy = format!("{}; script-src '{}'; connect-src 'self'", *POLICY, hash(script));
    answer(title, main, Some(script), &policy)
}

fn answer(title: &str, main: &Markup, script: Option<&str>, policy: &str) -> HttpResponse {
    let document = html! {
        (DOCTYPE)
        html lang="es" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (main) }
                @if let Some(script) = script {
                    script { (PreEscaped(script)) }
                }
            }
        }
    };
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(document.into_string())
}
