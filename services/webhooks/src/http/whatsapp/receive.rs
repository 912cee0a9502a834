//! A delivery of Meta's.

use std::time::Instant;

use actix_web::http::header::{CONTENT_TYPE, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, web};
use ring::digest;
use serde::de::IgnoredAny;
use service::http::RawBody;
use storage::outbox;
use storage::webhook_deliveries::{NewDelivery, Source, Verdict};
use whatsapp::signature;

use crate::http::error::ApiError;
use crate::http::headers::{bytes, kept};
use crate::state::AppState;
use crate::use_cases::keep::keep;
use crate::use_cases::received::Received;

const SOURCE: &str = "whatsapp";
const SIGNATURE: &str = "x-hub-signature-256";

/// Takes a delivery: 200 once it is durable, 403 if it does not verify, 503 if it cannot be kept.
#[tracing::instrument(name = "http.whatsapp.receive", skip_all)]
pub(in crate::http) async fn receive(
    state: web::Data<AppState>,
    request: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, ApiError> {
    let start = Instant::now();
    let Some(secret) = &state.whatsapp_app_secret else {
        state.metrics.received(SOURCE, "unconfigured");
        return Err(ApiError::NotConfigured);
    };
    let header = bytes(request.headers(), SIGNATURE);
    if let Err(reason) = signature::verify(secret, header.as_deref(), &body) {
        state.metrics.received(SOURCE, "refused");
        state.metrics.invalid_signature(SOURCE);
        tracing::warn!(source = SOURCE, %reason, "invalid_signature: a delivery was refused");
        return Err(ApiError::InvalidSignature);
    }

    let readable = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
    let verdict = if readable {
        Verdict::Authentic
    } else {
        Verdict::Dead
    };
    state.metrics.received(SOURCE, verdict.as_str());
    if !readable {
        state.metrics.dead(SOURCE);
        tracing::error!(
            source = SOURCE,
            bytes = body.len(),
            "a signed delivery is not JSON: kept for a person"
        );
    }
    let now = state.clock.now();
    let received = Received {
        delivery: NewDelivery {
            id: outbox::new_id(now),
            source: Source::Whatsapp,
            // Equal bytes are one delivery. What lies in it is told apart item by item by whoever works on it.
            dedupe_key: hex::encode(digest::digest(&digest::SHA256, &body)),
            query: request.query_string().to_owned(),
            headers: kept(
                request.headers(),
                &[CONTENT_TYPE.as_str(), USER_AGENT.as_str(), SIGNATURE],
            ),
            body: body.to_vec(),
            verdict,
            topic: None,
            resource_id: None,
            received_at: now,
        },
        idle: (!readable).then_some("not_json"),
    };
    keep(&state, received).await?;
    state.metrics.answered(SOURCE, start.elapsed());
    Ok(HttpResponse::Ok().finish())
}
