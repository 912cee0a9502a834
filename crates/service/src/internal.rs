//! Calls between our own services: who may call, and on whose behalf.

use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, FromRequest, HttpRequest, Scope, web};
use secrecy::{ExposeSecret as _, SecretString};

use crate::problem::Problem;
use crate::secret;

/// What one service shows to another.
pub const TOKEN_HEADER: &str = "x-internal-token";
/// On whose behalf a service calls.
pub const ACTOR_HEADER: &str = "x-actor";
/// The guest's or staff member's own address; set by the gateway only.
pub const CLIENT_ADDRESS_HEADER: &str = "x-client-address";

/// What stands before the paths of staff.
const STAFF_PATHS: &str = "/internal/v1/admin";

/// `/internal/v1`, open only to callers with the token; without a token in the settings it answers 503.
///
/// Below `/internal/v1/admin` a call on behalf of a guest, or of nobody, is refused. The gateway has decided who may ask
/// what; this holds even if somebody finds a way round its routes.
#[must_use]
pub fn scope(
    token: Option<SecretString>,
) -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    web::scope("/internal/v1").wrap(from_fn(move |request, next| guard(token.clone(), request, next)))
}

async fn guard<B: MessageBody>(
    token: Option<SecretString>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(token) = token else {
        let problem = Problem::new(503, "/problems/not-configured", "Not configured").retry_after(60);
        return Err(problem.detail("INTERNAL_API_TOKEN is not set.").into());
    };
    let presented = request
        .headers()
        .get(TOKEN_HEADER)
        .map_or(&b""[..], |value| value.as_bytes());
    if !secret::equal(token.expose_secret().as_bytes(), presented) {
        return Err(Problem::plain(403).into());
    }
    // As the router reads it, escapes undone.
    if request.match_info().as_str().starts_with(STAFF_PATHS) {
        let actor = text(request.request(), ACTOR_HEADER).unwrap_or_default().parse();
        if !matches!(actor, Ok(Actor::Staff(_) | Actor::System(_))) {
            return Err(Problem::plain(403).into());
        }
    }
    next.call(request).await
}

/// On whose behalf something is done; written into timelines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A guest, known by a token at most.
    Guest,
    /// A member of staff, by e-mail.
    Staff(String),
    /// One of our services.
    System(String),
}

/// `x-actor` is none of `guest`, `staff:<email>`, `system:<service>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("x-actor is none of guest, staff:<email>, system:<service>")]
pub struct ActorError;

impl FromStr for Actor {
    type Err = ActorError;

    fn from_str(text: &str) -> Result<Self, ActorError> {
        match text.split_once(':') {
            None if text == "guest" => Ok(Self::Guest),
            Some(("staff", email)) if !email.is_empty() => Ok(Self::Staff(email.to_owned())),
            Some(("system", service)) if !service.is_empty() => Ok(Self::System(service.to_owned())),
            _ => Err(ActorError),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest => formatter.write_str("guest"),
            Self::Staff(email) => write!(formatter, "staff:{email}"),
            Self::System(service) => write!(formatter, "system:{service}"),
        }
    }
}

impl FromRequest for Actor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let actor = text(request, ACTOR_HEADER).unwrap_or_default().parse();
        ready(actor.map_err(|error: ActorError| {
            Problem::new(400, "/problems/actor-missing", "A usable x-actor is required").detail(error)
        }))
    }
}

/// The client's address as the gateway saw it, if it came through the gateway.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub Option<std::net::IpAddr>);

impl FromRequest for ClientAddress {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let address = text(request, CLIENT_ADDRESS_HEADER).and_then(|text| text.parse().ok());
        ready(Ok(Self(address)))
    }
}

/// What limits are counted by: an IPv4 address, or the /64 that an IPv6 subscriber has to itself.
#[must_use]
pub fn subscriber(address: std::net::IpAddr) -> String {
    match address {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The token of `Authorization: Bearer …`, if there is one.
#[derive(Debug, Clone)]
pub struct Bearer(pub Option<SecretString>);

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let header = text(request, AUTHORIZATION.as_str()).and_then(|text| text.split_once(' '));
        let token = header
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty());
        ready(Ok(Self(token.map(|(_, token)| SecretString::from(token.trim())))))
    }
}

fn text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
