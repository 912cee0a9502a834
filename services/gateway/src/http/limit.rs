//! Which limit a request counts against, and the headers that tell the caller.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use service::internal::subscriber;
use service::problem::ToProblem as _;

use crate::app::Gateway;
use crate::http::error::ApiError;
use crate::limits::{Policy, Verdict};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The policies of the public API.
pub(crate) struct Policies {
    pub(crate) reads: Policy,
    pub(crate) writes: Policy,
    pub(crate) staff: Policy,
    pub(crate) feeds: Policy,
    pub(crate) webhooks: Policy,
}

impl Policies {
    /// The policy of a path below `/api/v1`; probes have none.
    fn of(&self, method: &Method, path: &str) -> Option<&Policy> {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        match path.split('/').nth(1) {
            Some("healthz" | "readyz") => None,
            Some("webhooks") => Some(&self.webhooks),
            Some("ical") => Some(&self.feeds),
            Some("admin") => Some(&self.staff),
            _ if method == Method::POST => Some(&self.writes),
            _ => Some(&self.reads),
        }
    }
}

/// Counts the request, refuses it when its policy is used up, and tells the caller how the limit stands.
pub(in crate::http) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let gateway: web::Data<Gateway> = Gateway::of(request.request())?;
    let Some(policy) = gateway.policies.of(request.method(), request.path()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let caller = gateway
        .proxies
        .caller(request.request())
        .map(subscriber)
        .unwrap_or_default();
    let verdict = gateway.limits.admit(policy, &caller).await;
    let mut response = if verdict.allowed {
        next.call(request).await?.map_into_left_body()
    } else {
        let refusal = ApiError::TooMany(policy.exceeded(verdict));
        request
            .into_response(refusal.to_problem().to_response())
            .map_into_right_body()
    };
    // A refusal tells by itself: a login's comes from a policy of its own.
    if !response.headers().contains_key(RATE_LIMIT) {
        tell(response.headers_mut(), policy, verdict);
    }
    Ok(response)
}

fn tell(headers: &mut HeaderMap, policy: &Policy, verdict: Verdict) {
    let state = policy.state(verdict);
    for (name, value) in [(RATE_LIMIT_POLICY, &policy.header), (RATE_LIMIT, &state)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}
