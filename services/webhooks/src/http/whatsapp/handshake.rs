//! Meta makes sure that the callback URL is ours.

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use whatsapp::handshake::{Answer, answer};

use crate::http::error::ApiError;
use crate::state::AppState;

/// Echoes the challenge: 200 `text/plain`, 400, 403, 503 without a verify token. Touches no store.
#[tracing::instrument(name = "http.whatsapp.handshake", skip_all)]
pub(in crate::http) async fn handshake(
    state: web::Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let token = state
        .whatsapp_verify_token
        .as_ref()
        .ok_or(ApiError::NotConfigured)?;
    match answer(request.query_string(), token) {
        Answer::Challenge(challenge) => Ok(HttpResponse::Ok()
            .insert_header(ContentType::plaintext())
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(challenge)),
        Answer::Forbidden => Err(ApiError::HandshakeRefused),
        Answer::BadRequest => Err(ApiError::HandshakeMalformed),
    }
}
