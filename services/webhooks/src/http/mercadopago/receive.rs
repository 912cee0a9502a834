//! A notification of Mercado Pago's, by either of its channels.

use std::time::Instant;

use actix_web::http::header::{CONTENT_TYPE, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, web};
use mercadopago::id::Id;
use mercadopago::notification::{self, Authentic, Delivery, Topic, Verdict as Judgement};
use mercadopago::signature::{Notice, SignatureError};
use ring::digest;
use service::http::RawBody;
use storage::outbox;
use storage::webhook_deliveries::{NewDelivery, Source, Verdict};
use time::OffsetDateTime;

use crate::http::error::ApiError;
use crate::http::headers::{bytes, kept};
use crate::state::AppState;
use crate::use_cases::keep::keep;
use crate::use_cases::received::Received;

const SOURCE: &str = "mercadopago";
const SIGNATURE: &str = "x-signature";
const REQUEST_ID: &str = "x-request-id";

/// What of a judged notification is kept.
struct Worth {
    verdict: Verdict,
    topic: Topic,
    resource: Option<Id>,
    dedupe_key: String,
    idle: Option<&'static str>,
}

/// Takes a notification: 200 once what matters of it is durable, 403 if it is a webhook that does not verify, 503 if
/// it cannot be kept.
#[tracing::instrument(name = "http.mercadopago.receive", skip_all)]
pub(in crate::http) async fn receive(
    state: web::Data<AppState>,
    request: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, ApiError> {
    let start = Instant::now();
    let Some(secrets) = &state.mercadopago else {
        state.metrics.received(SOURCE, "unconfigured");
        return Err(ApiError::NotConfigured);
    };
    let now = state.clock.now();
    let (signature, request_id) = (
        bytes(request.headers(), SIGNATURE),
        bytes(request.headers(), REQUEST_ID),
    );
    let delivery = Delivery {
        notice: Notice {
            query: request.query_string(),
            x_signature: signature.as_deref(),
            x_request_id: request_id.as_deref(),
        },
        body: &body,
    };
    let judgement = notification::judge(secrets, now, &delivery);
    let label = judgement.as_str();
    let worth = match judgement {
        Judgement::Authentic(authentic) => authentic_worth(&authentic, request_id.as_deref()),
        Judgement::Hint { topic, resource } => {
            if state.hints.check().is_err() {
                state.metrics.received(SOURCE, "limited");
                return Ok(HttpResponse::Ok().finish());
            }
            hint_worth(topic, resource, now, state.hint_window_seconds)
        }
        Judgement::Unknown => {
            state.metrics.received(SOURCE, label);
            return Ok(HttpResponse::Ok().finish());
        }
        Judgement::Ambiguous => return Err(refused(&state, label, SignatureError::Ambiguous)),
        Judgement::Refused(reason) => return Err(refused(&state, label, reason)),
    };
    state.metrics.received(SOURCE, label);

    let received = Received {
        delivery: NewDelivery {
            id: outbox::new_id(now),
            source: Source::Mercadopago,
            dedupe_key: worth.dedupe_key,
            query: request.query_string().to_owned(),
            headers: kept(
                request.headers(),
                &[CONTENT_TYPE.as_str(), USER_AGENT.as_str(), SIGNATURE, REQUEST_ID],
            ),
            body: body.to_vec(),
            verdict: worth.verdict,
            topic: Some(worth.topic.as_str().to_owned()),
            resource_id: worth.resource.map(|id| id.to_string()),
            received_at: now,
        },
        idle: worth.idle,
    };
    keep(&state, received).await?;
    state.metrics.answered(SOURCE, start.elapsed());
    Ok(HttpResponse::Ok().finish())
}

/// Only what is signed makes a webhook another one: the id, the request's id, the time. A redelivery is signed anew
/// and is a reason of its own to look, since the payment may have changed meanwhile.
fn authentic_worth(authentic: &Authentic, request_id: Option<&[u8]>) -> Worth {
    if !authentic.fresh {
        let signed_at = authentic.signed_at.unix_timestamp();
        tracing::warn!(
            source = SOURCE,
            signed_at,
            "a stale notification: worked on all the same"
        );
    }
    // Without a signed id the payment that the body names is a hint, and a fraud alert comes only once.
    let resource = authentic
        .resource
        .clone()
        .or_else(|| authentic.payment_hint.clone());
    let idle = match (&resource, &authentic.topic) {
        (None, _) => Some("no_resource"),
        (Some(_), Topic::Other) => Some("unknown_topic"),
        (Some(_), _) => None,
    };
    let mut digest = digest::Context::new(&digest::SHA256);
    digest.update(authentic.topic.as_str().as_bytes());
    digest.update(b"\n");
    digest.update(resource.as_ref().map_or("", Id::as_str).as_bytes());
    digest.update(b"\n");
    digest.update(&authentic.signed_at.unix_timestamp_nanos().to_be_bytes());
    digest.update(request_id.unwrap_or_default());
    Worth {
        verdict: Verdict::Authentic,
        topic: authentic.topic.clone(),
        resource,
        dedupe_key: hex::encode(digest.finish()),
        idle,
    }
}

/// Anybody can send a hint, so within one window each resource is looked at once.
fn hint_worth(topic: Topic, resource: Id, now: OffsetDateTime, window_seconds: i64) -> Worth {
    let window = now.unix_timestamp().div_euclid(window_seconds.max(1));
    let idle = (topic == Topic::Other).then_some("unknown_topic");
    Worth {
        verdict: Verdict::Hint,
        dedupe_key: format!("hint:{}:{resource}:{window}", topic.as_str()),
        topic,
        resource: Some(resource),
        idle,
    }
}

fn refused(state: &AppState, label: &str, reason: SignatureError) -> ApiError {
    state.metrics.received(SOURCE, label);
    state.metrics.invalid_signature(SOURCE);
    tracing::warn!(source = SOURCE, %reason, "invalid_signature: a notification was refused");
    ApiError::InvalidSignature
}
