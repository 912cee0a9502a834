//! A request on its way to the service that owns the answer. Who may make it is in the type that a handler takes:
//! [`Call`] is anyone's, [`StaffCall`] needs a role.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{
    ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use service::http::RawBody;
use service::internal::{ACTOR_HEADER, Bearer, CLIENT_ADDRESS_HEADER};
use service::problem::ToProblem as _;
use service::upstream::Upstream;
use storage::staff::Role;

use crate::app::Gateway;
use crate::free_nights::{NotKept, Question};
use crate::http::error::ApiError;

/// What a caller's request may carry to the owner.
const REQUEST_HEADERS: [HeaderName; 4] = [CONTENT_TYPE, ACCEPT, IF_NONE_MATCH, IF_MODIFIED_SINCE];
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the owner's answer may carry to the caller.
const RESPONSE_HEADERS: [HeaderName; 9] = [
    CONTENT_TYPE,
    LOCATION,
    RETRY_AFTER,
    ETAG,
    LAST_MODIFIED,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    WWW_AUTHENTICATE,
    ALLOW,
];

/// What handlers give back.
pub(in crate::http) type Answer = Result<HttpResponse, ApiError>;

/// Anyone's request; a guest's token, if there is one, is proven by the owner.
pub(in crate::http) struct Call {
    gateway: web::Data<Gateway>,
    request: HttpRequest,
    body: Bytes,
}

/// A request of a member of staff whose roles pass `A`.
pub(in crate::http) struct StaffCall<A> {
    call: Call,
    email: String,
    access: PhantomData<A>,
}

/// Which roles may make a request.
pub(in crate::http) trait Access: 'static {
    fn admits(roles: &[Role]) -> bool;
}

/// Any member of staff.
pub(in crate::http) struct AnyRole;
/// Those who run lodgings and money.
pub(in crate::http) struct Host;
/// Those who keep the system alive.
pub(in crate::http) struct Oncall;

impl Access for AnyRole {
    fn admits(roles: &[Role]) -> bool {
        !roles.is_empty()
    }
}

impl Access for Host {
    fn admits(roles: &[Role]) -> bool {
        roles.contains(&Role::Host)
    }
}

impl Access for Oncall {
    fn admits(roles: &[Role]) -> bool {
        roles.contains(&Role::Oncall)
    }
}

/// The services that own answers.
pub(crate) struct Owners {
    pub(crate) reservations: Upstream,
    pub(crate) webhooks: Upstream,
    pub(crate) payments: Upstream,
    pub(crate) ical_sync: Upstream,
    /// `ical_sync` for what it answers after it has read a stranger's server, which may take its time.
    pub(crate) ical_sync_reading: Upstream,
}

impl Call {
    /// Asks the owner on a guest's behalf.
    pub(in crate::http) async fn relay(self, owner: fn(&Owners) -> &Upstream) -> Answer {
        let token = self.request.headers().get(AUTHORIZATION).cloned();
        self.relay_as("guest", token, owner).await
    }

    async fn relay_as(
        self,
        actor: &str,
        token: Option<HeaderValue>,
        owner: fn(&Owners) -> &Upstream,
    ) -> Answer {
        let path = internal_path(&self.request)?;
        let upstream = owner(&self.gateway.owners);
        // A HEAD is answered like a GET; the server leaves the body out.
        let method = if self.request.method() == Method::HEAD {
            Method::GET
        } else {
            self.request.method().clone()
        };
        let mut onward = upstream
            .request(foreign_method(&method), &path)
            .header(ACTOR_HEADER, actor);
        for name in REQUEST_HEADERS.into_iter().chain([IDEMPOTENCY_KEY]) {
            for value in self.request.headers().get_all(&name) {
                onward = onward.header(name.as_str(), value.as_bytes());
            }
        }
        if let Some(token) = token {
            onward = onward.header(AUTHORIZATION.as_str(), token.as_bytes());
        }
        if let Some(address) = self.gateway.proxies.caller(&self.request) {
            onward = onward.header(CLIENT_ADDRESS_HEADER, address.to_string());
        }
        if !self.body.is_empty() {
            onward = onward.body(self.body);
        }
        let answer = answer_of(upstream, onward).await;
        // Whatever it says: a write whose answer was lost may have been done.
        if method != Method::GET {
            self.gateway.free_nights.changed();
        }
        answer
    }

    /// Asks `reservations` about free nights, if it has not said so a moment ago.
    pub(in crate::http) async fn free_nights(self) -> Answer {
        let Some(question) = Question::of(&self.request).filter(|_| self.body.is_empty()) else {
            return Box::pin(self.relay(|owners| &owners.reservations)).await;
        };
        let gateway = &self.gateway;
        let upstream = &gateway.owners.reservations;
        let ask = || async move {
            let Question { lodging, from, to } = question;
            let path = format!("/internal/v1/accommodations/{lodging}/availability?from={from}&to={to}");
            let onward = upstream.request(reqwest::Method::GET, &path);
            match OwnersAnswer::to(upstream, onward.header(ACTOR_HEADER, "guest")).await {
                Ok(answer) if answer.status == StatusCode::OK => Ok(answer),
                Ok(refusal) => Err(NotKept::Refused(refusal)),
                Err(error) => Err(NotKept::Failed(error)),
            }
        };
        let answer = gateway
            .free_nights
            .answer(question, gateway.clock.now(), ask)
            .await;
        match answer {
            Ok(answer) => Ok(answer.response()),
            Err(not_kept) => Ok(match &*not_kept {
                NotKept::Refused(refusal) => refusal.response(),
                NotKept::Failed(error) => error.to_problem().to_response(),
            }),
        }
    }
}

impl<A> StaffCall<A> {
    /// Asks the owner on this member of staff's behalf; the staff token stays here.
    pub(in crate::http) async fn relay(self, owner: fn(&Owners) -> &Upstream) -> Answer {
        self.call
            .relay_as(&format!("staff:{}", self.email), None, owner)
            .await
    }
}

/// An owner's answer, as far as it is passed on: status, body and the headers that mean something to a caller. Clones
/// share the body.
#[derive(Debug, Clone)]
pub(crate) struct OwnersAnswer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl OwnersAnswer {
    /// Sends `onward`.
    async fn to(upstream: &Upstream, onward: reqwest::RequestBuilder) -> Result<Self, ApiError> {
        let answer = upstream.send(onward).await?;
        let status = StatusCode::from_u16(answer.status().as_u16());
        let mut headers = Vec::new();
        for name in RESPONSE_HEADERS {
            for value in answer.headers().get_all(name.as_str()) {
                let value = HeaderValue::from_bytes(value.as_bytes());
                headers.push((
                    name.clone(),
                    value.map_err(|error| ApiError::Internal(error.into()))?,
                ));
            }
        }
        Ok(Self {
            status: status.map_err(|error| ApiError::Internal(error.into()))?,
            headers,
            body: answer.bytes().await.map_err(|error| upstream.failure(error))?,
        })
    }

    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.append_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}

/// Sends `onward` and passes its answer on.
pub(in crate::http) async fn answer_of(upstream: &Upstream, onward: reqwest::RequestBuilder) -> Answer {
    Ok(OwnersAnswer::to(upstream, onward).await?.response())
}

/// `/api/v1/X?q` → `/internal/v1/X?q`, for a path that stays what it is.
///
/// An HTTP client tidies addresses up, so that `/reservations/..\admin\stats`, which is one odd code to our routes, would
/// be asked for as `/admin/stats`. Nothing in our paths needs more than letters, digits and a few signs.
fn internal_path(request: &HttpRequest) -> Result<String, ApiError> {
    let uri = request.uri();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let stays = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
    let path = uri
        .path()
        .strip_prefix("/api/v1")
        .filter(|path| path.split('/').skip(1).all(stays))
        .ok_or(ApiError::NotFound)?;
    let path = if path == "/reservations/pre-reserve" {
        "/reservations"
    } else {
        path
    };
    Ok(match uri.query() {
        Some(query) => format!("/internal/v1{path}?{query}"),
        None => format!("/internal/v1{path}"),
    })
}

/// actix and reqwest come with different versions of the crate `http`.
pub(in crate::http) fn foreign_method(method: &Method) -> reqwest::Method {
    reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap_or(reqwest::Method::GET)
}

impl FromRequest for Call {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = RawBody::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let gateway = Gateway::of(&request)?;
            let RawBody(body) = body.await?;
            Ok(Self {
                gateway,
                request,
                body,
            })
        })
    }
}

impl<A: Access> FromRequest for StaffCall<A> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bearer = Bearer::from_request(request, payload);
        // The body is not read before the caller is known.
        let mut payload = payload.take();
        let request = request.clone();
        Box::pin(async move {
            let gateway = Gateway::of(&request)?;
            let Bearer(token) = bearer.await?;
            let staff = gateway.staff_of(token.ok_or(ApiError::NotLoggedIn)?).await?;
            if !A::admits(&staff.roles) {
                return Err(ApiError::RoleMissing.into());
            }
            let call = Call::from_request(&request, &mut payload).await?;
            Ok(Self {
                call,
                email: staff.email.clone(),
                access: PhantomData,
            })
        })
    }
}
