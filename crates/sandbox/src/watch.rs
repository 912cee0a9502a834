//! Every call to a played provider passes here: it is written down, and trouble on order happens.

use std::{io, time::Duration};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Bytes,
};
use futures_util::{future, stream};

use crate::{
    faults::{Fault, Then},
    mercadopago,
    provider::Provider,
    received::Request,
    state::App,
    whatsapp,
};

/// How long a hanging call hangs.
const HANG: Duration = Duration::from_mins(10);

/// Writes the call down, lets a fault on order happen, and passes the rest on.
pub(crate) async fn watch(
    app: App,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(provider) = Provider::of(request.path()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let body = request.extract::<Bytes>().await?;
    let number = app.received.add(write_down(&app, provider, &request, &body));
    request.set_payload(Payload::Stream {
        payload: Box::pin(stream::once(future::ready(Ok(body)))),
    });

    let fault = app
        .faults
        .take(provider, request.method().as_str(), request.path());
    let Some(fault) = fault else {
        let response = next.call(request).await?.map_into_boxed_body();
        app.received.answered(number, response.status().as_u16());
        return Ok(response);
    };
    tokio::time::sleep(fault.delay()).await;
    let passes = fault.then == Then::Answer && fault.status.is_none() && fault.code.is_none();
    if passes || fault.after_effect {
        let response = next.call(request).await?.map_into_boxed_body();
        if passes {
            app.received.answered(number, response.status().as_u16());
            return Ok(response);
        }
        let instead = fail(&fault, provider).await;
        app.received.answered(number, instead.status().as_u16());
        return Ok(response.into_response(instead));
    }
    let instead = fail(&fault, provider).await;
    app.received.answered(number, instead.status().as_u16());
    Ok(request.into_response(instead))
}

fn write_down(app: &App, provider: Provider, request: &ServiceRequest, body: &Bytes) -> Request {
    Request {
        number: 0,
        at: app.clock.now(),
        provider,
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: texts(request.headers()),
        body: String::from_utf8_lossy(body).into_owned(),
        status: None,
    }
}

/// The headers as text, names in lower case.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect()
}

async fn fail(fault: &Fault, provider: Provider) -> HttpResponse {
    match fault.then {
        Then::Hang => {
            tokio::time::sleep(HANG).await;
            cut()
        }
        Then::Close => cut(),
        Then::Answer => answer(fault, provider),
    }
}

/// An answer whose connection closes before its first byte.
pub(crate) fn cut() -> HttpResponse {
    let broken = io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the sandbox");
    HttpResponse::Ok().streaming(stream::once(future::ready(Err::<Bytes, _>(broken))))
}

fn answer(fault: &Fault, provider: Provider) -> HttpResponse {
    let asked = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = asked.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match (&fault.body, provider) {
        (Some(body), _) => HttpResponse::build(status).json(body),
        (None, Provider::MercadoPago) => HttpResponse::build(status).json(mercadopago::error_body(status)),
        (None, Provider::Channels) => HttpResponse::build(status).finish(),
        (None, Provider::WhatsApp) => {
            whatsapp::error_answer(fault.code.unwrap_or_else(|| code_of(status)), asked)
        }
    };
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// WhatsApp's code that most often comes with a status.
fn code_of(status: StatusCode) -> i64 {
    match status.as_u16() {
        401 => 190,
        403 => 131_005,
        429 => 130_429,
        503 => 131_016,
        500.. => 131_000,
        _ => 100,
    }
}
