//! Deliveries of Meta and Mercado Pago, passed on byte for byte: `webhooks` proves their signatures.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use actix_web::web::{self, ServiceConfig};
use service::http::body::BodyLimits;
use service::http::{RawBody, resource};

use crate::app::Gateway;
use crate::http::call::{Answer, answer_of, foreign_method};
use crate::http::docs::Problem;
use crate::http::error::ApiError;

/// Meta sends up to 3 MB; Mercado Pago some hundred bytes.
const LIMITS: BodyLimits = BodyLimits {
    bytes: 4 << 20,
    timeout: Duration::from_secs(10),
};

/// What a signature may cover or a verdict may need. `x-request-id` is the provider's own here, or absent.
const HEADERS: [HeaderName; 5] = [
    CONTENT_TYPE,
    USER_AGENT,
    HeaderName::from_static("x-hub-signature-256"),
    HeaderName::from_static("x-signature"),
    HeaderName::from_static("x-request-id"),
];

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/webhooks/whatsapp")
                .get(whatsapp_handshake)
                .post(whatsapp)
                .app_data(LIMITS),
        )
        .service(
            resource("/webhooks/mercadopago")
                .post(mercadopago)
                .app_data(LIMITS),
        );
}

/// Meta asks whether this address is ours.
#[utoipa::path(
    get, path = "/api/v1/webhooks/whatsapp", tag = "webhooks", operation_id = "whatsapp_handshake",
    params(
        ("hub.mode" = String, Query), ("hub.verify_token" = String, Query), ("hub.challenge" = String, Query),
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The challenge"),
        (status = 400, body = Problem), (status = 403, body = Problem),
    )
)]
pub(in crate::http) async fn whatsapp_handshake(request: HttpRequest, body: RawBody) -> Answer {
    forward(&request, body).await
}

/// Meta delivers messages and statuses, signed with `X-Hub-Signature-256`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/whatsapp", tag = "webhooks", operation_id = "whatsapp",
    request_body(content = Object, content_type = "application/json"),
    responses(
        (status = 200, description = "Stored"), (status = 403, body = Problem, description = "The signature is wrong"),
        (status = 503, body = Problem, description = "Could not be stored; deliver again"),
    )
)]
pub(in crate::http) async fn whatsapp(request: HttpRequest, body: RawBody) -> Answer {
    forward(&request, body).await
}

/// Mercado Pago notifies, signed with `x-signature`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/mercadopago", tag = "webhooks", operation_id = "mercadopago",
    params(("data.id" = Option<String>, Query), ("type" = Option<String>, Query)),
    request_body(content = Object, content_type = "application/json"),
    responses(
        (status = 200, description = "Stored"), (status = 403, body = Problem, description = "The signature is wrong"),
        (status = 503, body = Problem, description = "Could not be stored; deliver again"),
    )
)]
pub(in crate::http) async fn mercadopago(request: HttpRequest, body: RawBody) -> Answer {
    forward(&request, body).await
}

async fn forward(request: &HttpRequest, RawBody(body): RawBody) -> Answer {
    let gateway: web::Data<Gateway> = Gateway::of(request)?;
    let upstream = &gateway.owners.webhooks;
    let target = request.uri().path_and_query().ok_or(ApiError::NotFound)?.as_str();
    let mut onward = upstream.forward(foreign_method(request.method()), target);
    for name in HEADERS {
        for value in request.headers().get_all(&name) {
            onward = onward.header(name.as_str(), value.as_bytes());
        }
    }
    answer_of(upstream, onward.body(body)).await
}
