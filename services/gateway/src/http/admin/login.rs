//! How staff get a token. Open to anyone, a few times.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use service::bounded_text::bounded;
use service::http::Json;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::app::Gateway;
use crate::http::call::Answer;
use crate::http::docs::Problem;
use crate::http::error::ApiError;

/// Source: RFC 5321, 4.5.3.1.3.
const LONGEST_EMAIL: usize = 254;

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Request {
    /// In any case.
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A token for the staff API.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Response {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// A token for the staff API: 200, 401 for a wrong password and an unknown account alike, 422, 429 after a few attempts.
#[utoipa::path(
    post, path = "/api/v1/admin/login", tag = "staff", operation_id = "log_in",
    request_body = Request,
    responses(
        (status = 200, body = Response), (status = 401, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem),
        (status = 503, body = Problem, description = "Logins are not configured"),
    )
)]
pub(in crate::http) async fn log_in(request: HttpRequest, Json(body): Json<Request>) -> Answer {
    let gateway = Gateway::of(&request)?;
    let tokens = gateway.tokens.as_ref().ok_or(ApiError::LoginsNotConfigured)?;
    let email = bounded(&body.email, 0, LONGEST_EMAIL).ok_or(ApiError::Invalid("email"))?;
    let address = gateway.proxies.caller(&request);
    let issued = gateway
        .logins
        .log_in(tokens, &gateway.clock, address, &email, body.password)
        .await?;
    let response = Response {
        access_token: issued.token,
        token_type: "Bearer",
        expires_at: issued.expires_at,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(response))
}
