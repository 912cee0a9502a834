//! A small service with one route for each promise.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, error};
use serde::Deserialize;
use serde_json::json;
use service::app::{Application, Builder};
use service::http::body::BodyLimits;
use service::http::{Json, Query, RawBody, context, resource};
use service::problem::Problem;
use service::settings::HttpSettings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A running service; stopped when dropped.
pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) stopper: CancellationToken,
    pub(crate) client: reqwest::Client,
    pub(crate) running: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::start_with(HttpSettings::for_tests(), |builder| builder)
    }

    pub(crate) fn start_with(settings: HttpSettings, prepare: impl FnOnce(Builder) -> Builder) -> Self {
        telemetry::for_tests();
        service::start::install_crypto();
        let application = prepare(Application::builder("harness", settings))
            .build(routes)
            .unwrap();
        let (url, stopper) = (application.base_url(), application.stopper());
        let running = tokio::spawn(application.run_until_stopped());
        Self {
            url,
            stopper,
            client: reqwest::Client::new(),
            running,
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.get(path).send().await.unwrap().text().await.unwrap()
    }

    /// Sends bytes as they are and returns the answer's text once it has begun to come.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read_some(&mut stream).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.strip_prefix("http://").unwrap())
            .await
            .unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stopper.cancel();
    }
}

pub(crate) async fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 16 * 1024];
    let length = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

/// Asks until `found` is true; fails after five seconds.
pub(crate) async fn wait_until(mut found: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if found().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within five seconds");
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    nights: u8,
    guest: Guest,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Guest {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    from: u32,
}

fn routes(config: &mut ServiceConfig) {
    let small = BodyLimits {
        bytes: 64,
        timeout: Duration::from_millis(200),
    };
    config
        .service(resource("/echo").get(echo))
        .service(resource("/things/{id}").get(thing).delete(thing))
        .service(resource("/secret/{token}.ics").get(echo))
        .service(resource("/range").get(range))
        .service(resource("/wishes").post(wish).app_data(small))
        .service(resource("/raw").post(raw).app_data(small))
        .service(resource("/panic").get(panic))
        .service(resource("/text").get(text))
        .service(resource("/empty").get(empty))
        .service(resource("/broken").get(broken))
        .service(resource("/busy").get(busy))
        .service(resource("/login").get(login))
        .service(resource("/slow").get(slow))
        .service(resource("/own-headers").get(own_headers));
}

async fn echo() -> HttpResponse {
    let current = context::current().unwrap();
    HttpResponse::Ok().json(json!({
        "request_id": current.request_id,
        "trace_id": current.trace_id,
        "traceparent": telemetry::trace::current_traceparent(),
        "tracestate": telemetry::trace::current_tracestate(),
    }))
}

async fn thing(id: web::Path<u32>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "id": *id }))
}

async fn range(Query(range): Query<Range>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "from": range.from }))
}

async fn wish(wish: Json<Wish>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "nights": wish.0.nights, "name": wish.0.guest.name }))
}

async fn raw(body: RawBody) -> HttpResponse {
    HttpResponse::Ok().body(body.0)
}

async fn panic() -> HttpResponse {
    panic!("on purpose");
}

async fn text() -> actix_web::Result<HttpResponse> {
    Err(error::ErrorConflict("internal words of a library"))
}

async fn empty() -> HttpResponse {
    HttpResponse::new(StatusCode::GONE)
}

async fn broken() -> Result<HttpResponse, Problem> {
    let cause = std::io::Error::other("the cause for the log");
    Err(Problem::internal(&cause))
}

async fn busy() -> Problem {
    Problem::new(503, "/problems/busy", "Busy").retry_after(0)
}

async fn login() -> Problem {
    Problem::plain(401).authenticate("Bearer")
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(400)).await;
    HttpResponse::Ok().body("done")
}

async fn own_headers() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-security-policy", "default-src 'self'"))
        .body("page")
}
