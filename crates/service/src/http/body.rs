//! Bodies, read within limits of size and time.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::errors;
use crate::problem::Problem;

/// How large a body may be and how long it may take. The server's settings give the default; a route sets its own
/// with `resource(…).app_data(BodyLimits { … })`.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes.
    pub bytes: usize,
    /// From the headers to the last byte.
    pub timeout: Duration,
}

/// The body byte for byte, as signatures need it: 413 if too large, 408 if too slow.
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

/// A JSON body: 415 without a JSON content type, 400 if malformed, 422 with the field if it does not fit `T`.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = limits(request);
        let declared = declared_length(request);
        let payload = payload.take();
        Box::pin(async move {
            if declared.is_some_and(|declared| limits.bytes < declared) {
                return Err(too_large(limits.bytes));
            }
            match tokio::time::timeout(limits.timeout, read(payload, limits.bytes)).await {
                Ok(body) => body.map(RawBody),
                Err(_elapsed) => Err(Problem::plain(408).detail("The body did not arrive in time.")),
            }
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if let Err(problem) = require_json(request) {
            return Box::pin(std::future::ready(Err(problem)));
        }
        let body = RawBody::from_request(request, payload);
        Box::pin(async move { parse_json(&body.await?.0).map(Json) })
    }
}

/// Parses JSON bytes the way [`Json`] does.
///
/// # Errors
///
/// 400 `malformed-json`, or 422 `invalid-request` with the field's name.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            errors::invalid_field(&path, &error.to_string())
        } else {
            malformed(&error)
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let place = format!("Line {}, column {}.", error.line(), error.column());
    Problem::new(
        400,
        "/problems/malformed-json",
        "The body is not well-formed JSON",
    )
    .detail(place)
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let media = header(&CONTENT_TYPE).unwrap_or_default();
    let media = media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
    let plain = header(&CONTENT_ENCODING).is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
    if json && plain {
        return Ok(());
    }
    Err(Problem::plain(415).detail("Send application/json without a content encoding."))
}

async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let Ok(chunk) = chunk else {
            return Err(Problem::plain(400).detail("The body ended early."));
        };
        if limit < body.len() + chunk.len() {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::plain(413).detail(format!("A body may have {limit} bytes."))
}

fn limits(request: &HttpRequest) -> BodyLimits {
    let fallback = BodyLimits {
        bytes: 256 * 1024,
        timeout: Duration::from_secs(10),
    };
    request.app_data::<BodyLimits>().copied().unwrap_or(fallback)
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
