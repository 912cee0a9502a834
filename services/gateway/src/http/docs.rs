//! The description of the API, made from the handlers, and a page to read and try it that loads nothing from outside.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{self, ServiceConfig};
use serde::Serialize;
use service::http::resource;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_swagger_ui::Config;

use super::error::ApiError;
use super::{admin, health, public};

/// What swagger's page needs: its own scripts and styles, and to call this API.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; frame-ancestors 'none'";

/// A refusal (RFC 9457, `application/problem+json`). Decide by `type` or `code`; `detail` is for people.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Problem {
    /// Stable, one for each kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "https://alojamientos.example/problems/nights-taken")]
    kind: String,
    /// The same for every problem of its type.
    title: String,
    /// The status line's code.
    status: u16,
    /// What happened this time.
    detail: Option<String>,
    /// Names this occurrence in our logs.
    instance: Option<String>,
    /// The type's last part, in `snake_case`.
    #[schema(example = "nights_taken")]
    code: String,
    /// Which fields are wrong.
    errors: Option<Vec<FieldError>>,
    /// In how many seconds to try again.
    retry_after: Option<u64>,
}

/// A field that is wrong.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct FieldError {
    /// Its name in the request.
    field: String,
    /// What is wrong with it.
    code: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "alojamientos",
        description = "Books the nights of small lodgings.\n\nMoney is `{\"amount\":\"15000.00\",\"currency\":\"ARS\"}`, \
                       instants are RFC 3339 in UTC, days are ISO dates, a stay is `[check_in, check_out)`. \
                       Refusals are `application/problem+json`; a parameter that a list does not know, or a field that \
                       a body may not have, is refused by name with 422. POSTs that book, pay or refund require an \
                       `Idempotency-Key`. The answer to a booking or a refund is kept for 24 hours under it; a \
                       payment link needs none kept, since a debt has one at a time. `RateLimit` and \
                       `RateLimit-Policy` tell how the limits stand."
    ),
    modifiers(&Security),
    paths(
        public::accommodations::list,
        public::accommodations::show,
        public::accommodations::availability,
        public::accommodations::quote,
        public::reservations::hold,
        public::reservations::pre_reserve,
        public::reservations::show,
        public::reservations::cancel,
        public::reservations::payment_link,
        public::calendars::export,
        public::webhooks::whatsapp_handshake,
        public::webhooks::whatsapp,
        public::webhooks::mercadopago,
        admin::login::log_in,
        admin::accommodations::list,
        admin::accommodations::create,
        admin::accommodations::show,
        admin::accommodations::change,
        admin::accommodations::activate,
        admin::accommodations::deactivate,
        admin::seasons::list,
        admin::seasons::create,
        admin::seasons::change,
        admin::seasons::remove,
        admin::reservations::list,
        admin::reservations::hold,
        admin::reservations::csv,
        admin::reservations::show,
        admin::reservations::confirm,
        admin::reservations::cancel,
        admin::reservations::no_show,
        admin::reservations::calendar,
        admin::reservations::stats,
        admin::payments::list,
        admin::payments::parked,
        admin::payments::reconcile,
        admin::payments::show,
        admin::payments::refund,
        admin::payments::resolve,
        admin::feeds::list,
        admin::feeds::preview,
        admin::feeds::sync_all,
        admin::feeds::list_of_accommodation,
        admin::feeds::add,
        admin::feeds::show,
        admin::feeds::change,
        admin::feeds::remove,
        admin::feeds::sync,
        admin::feeds::pause,
        admin::feeds::resume,
        admin::feeds::release,
        admin::export_tokens::list,
        admin::export_tokens::create,
        admin::export_tokens::rotate,
        admin::export_tokens::revoke,
        admin::conflicts::list,
        admin::conflicts::resolve,
        admin::deliveries::list,
        admin::deliveries::show,
        admin::deliveries::replay,
        health::health,
        health::ready,
    ),
    components(schemas(Problem, FieldError))
)]
pub(in crate::http) struct Documentation;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("guest", bearer());
        components.add_security_scheme("staff", bearer());
        service::VERSION.clone_into(&mut openapi.info.version);
    }
}

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/api/docs").get(to_the_page))
        .service(resource("/api/docs/{file:.*}").get(page))
        .service(resource("/api/openapi.json").get(description));
}

async fn to_the_page() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/api/docs/"))
        .finish()
}

/// The page and its parts: 200, 404. The crate's own routes know `GET` only, and answer 404 to every other method.
async fn page(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let config = Arc::new(Config::from("/api/openapi.json"));
    let file = utoipa_swagger_ui::serve(&file, config)
        .map_err(|error| ApiError::Internal(error.to_string().into()))?
        .ok_or(ApiError::NotFound)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response
        .content_type(file.content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(file.bytes.into_owned()))
}

async fn description() -> HttpResponse {
    HttpResponse::Ok().json(Documentation::openapi())
}
