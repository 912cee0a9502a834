//! What stands around every handler: ids, trace, access log, metrics, panics, problems, headers.
//!
//! The handler runs in a task of its own: a client that goes away does not cut a transaction in half, and a panic
//! costs one answer, not the connection.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use futures_util::FutureExt as _;
use opentelemetry::trace::SpanContext;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, error, info, info_span};

use super::context::{self, Current};
use super::traffic::{Traffic, UNMATCHED};
use super::{errors, request_id, security};
use crate::problem::{Cause, Problem};

/// Paths that probers ask for every few seconds: not counted, and logged only when their answer changes.
const PROBES: [&str; 7] = [
    "/livez",
    "/readyz",
    "/healthz",
    "/metrics",
    "/api/v1/livez",
    "/api/v1/readyz",
    "/api/v1/healthz",
];

/// The longest path that is logged.
const LONGEST_PATH: usize = 256;

/// What the layer needs, shared by all workers.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) traffic: Traffic,
    pub(crate) hsts: bool,
    pub(crate) probes: Arc<Mutex<HashMap<String, u16>>>,
}

/// What is worth remembering of a request once it is gone.
struct Request {
    method: String,
    route: String,
    path: String,
    began: Instant,
}

pub(crate) async fn around<B>(
    layer: Layer,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let facts = Request::of(&request);
    let span = info_span!(
        "http",
        otel.name = format!("{} {}", facts.method, facts.route),
        otel.kind = "server",
        request_id = Empty,
        trace_id = Empty,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    );
    telemetry::trace::adopt(&span, incoming(request.headers()).as_ref());
    let trace_id = telemetry::trace::trace_id(&span);
    let request_id = request_id::incoming(request.headers())
        .or_else(|| trace_id.clone())
        .unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    span.record("request_id", request_id.as_str());

    let current = Current { request_id, trace_id };
    let in_flight = layer.traffic.begin();
    let work = async move {
        let answer = AssertUnwindSafe(async { next.call(request).await })
            .catch_unwind()
            .await;
        let answer = layer.finish(&facts, answer);
        drop(in_flight);
        answer
    };
    let work = context::scope(current, work).instrument(span);
    match actix_web::rt::spawn(work).await {
        Ok(answer) => answer,
        Err(_stopping) => Err(Problem::plain(503).retry_after(1).into()),
    }
}

type Answer<B> = Result<ServiceResponse<B>, Error>;

impl Layer {
    fn finish<B>(&self, request: &Request, answer: std::thread::Result<Answer<B>>) -> Answer<BoxBody>
    where
        B: MessageBody + 'static,
    {
        let mut answer = match answer {
            Ok(Ok(response)) if errors::needs_problem(&response) => {
                let problem = errors::problem_for(&response).to_response();
                Ok(response.into_response(problem))
            }
            Ok(Ok(response)) => Ok(response.map_into_boxed_body()),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_panic) => Err(Problem::plain(500).to_response()),
        };
        let (status, cause) = match &mut answer {
            Ok(response) => {
                let response = response.response_mut();
                self.dress(response.headers_mut());
                (response.status().as_u16(), cause(response))
            }
            Err(response) => {
                self.dress(response.headers_mut());
                (response.status().as_u16(), cause(response))
            }
        };
        self.report(request, status, cause.as_deref());
        answer.map_err(|response| InternalError::from_response("refused", response).into())
    }

    fn dress(&self, headers: &mut HeaderMap) {
        security::apply(headers, self.hsts);
        let id = context::request_id().and_then(|id| HeaderValue::from_str(&id).ok());
        if let Some(id) = id {
            headers.insert(request_id::HEADER, id);
        }
    }

    fn report(&self, request: &Request, status: u16, cause: Option<&str>) {
        Span::current().record("http.response.status_code", status);
        if 500 <= status {
            Span::current().record("otel.status_code", "ERROR");
        }
        let took = request.began.elapsed();
        if PROBES.contains(&request.route.as_str()) {
            let before = self
                .probes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(request.route.clone(), status)
                .unwrap_or(200);
            if before == status {
                return;
            }
        } else {
            self.traffic.end(&request.method, &request.route, status, took);
        }
        let Request {
            method, route, path, ..
        } = request;
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let line = format!("{method} {path} {status} in {duration_ms} ms");
        if 500 <= status && !PROBES.contains(&route.as_str()) {
            error!(method, route, path, status, duration_ms, cause, "{line}");
        } else {
            info!(method, route, path, status, duration_ms, cause, "{line}");
        }
    }
}

impl Request {
    fn of(request: &ServiceRequest) -> Self {
        let route = request.match_pattern().unwrap_or_else(|| UNMATCHED.to_owned());
        // A token in the path is a secret: the template has to do.
        let path = if route.contains("{token") {
            &route
        } else {
            request.path()
        };
        let path = path.chars().take(LONGEST_PATH).collect();
        Self {
            method: request.method().to_string(),
            path,
            route,
            began: Instant::now(),
        }
    }
}

/// The caller's trace, if it sent exactly one valid `traceparent`.
fn incoming(headers: &HeaderMap) -> Option<SpanContext> {
    let mut parents = headers.get_all("traceparent");
    let parent = parents.next()?.to_str().ok()?;
    if parents.next().is_some() {
        return None;
    }
    // Several tracestate headers are one list.
    let states: Vec<&str> = headers
        .get_all("tracestate")
        .filter_map(|value| value.to_str().ok())
        .collect();
    let state = (!states.is_empty()).then(|| states.join(","));
    telemetry::traceparent::parse(parent, state.as_deref())
}

fn refusal(error: &Error) -> HttpResponse {
    let response = error.error_response();
    let media = response.headers().get(actix_web::http::header::CONTENT_TYPE);
    let problem = media.is_some_and(|media| {
        media
            .as_bytes()
            .starts_with(crate::problem::CONTENT_TYPE.as_bytes())
    });
    if problem {
        response
    } else {
        Problem::plain(response.status().as_u16()).to_response()
    }
}

fn cause<B>(response: &HttpResponse<B>) -> Option<String> {
    response
        .extensions()
        .get::<Cause>()
        .map(|Cause(text)| text.clone())
}
