//! The gateway's part of an export: it hands a channel's question on, with the token between services.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use reqwest::Client;

use crate::replica::TOKEN;

/// Listens on a free port until dropped.
pub(crate) struct Front {
    pub(crate) url: String,
    server: actix_web::dev::ServerHandle,
}

impl Front {
    pub(crate) fn start(replica: &str) -> Self {
        let (replica, client) = (replica.to_owned(), Client::new());
        let server = HttpServer::new(move || {
            let hand_on = {
                let (replica, client) = (replica.clone(), client.clone());
                move |request: HttpRequest| hand_on(client.clone(), replica.clone(), request)
            };
            App::new().default_service(web::to(hand_on))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let url = format!("http://{}", server.addrs().first().unwrap());
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, server: handle }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn hand_on(client: Client, replica: String, request: HttpRequest) -> HttpResponse {
    let mut question = client
        .get(format!("{replica}/internal/v1{}", request.path()))
        .header("x-internal-token", TOKEN);
    for name in ["if-none-match", "if-modified-since"] {
        if let Some(value) = request.headers().get(name) {
            question = question.header(name, value.to_str().unwrap());
        }
    }
    let Ok(answer) = question.send().await else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let mut response = HttpResponse::Ok();
    response.status(actix_web::http::StatusCode::from_u16(answer.status().as_u16()).unwrap());
    for name in ["etag", "last-modified", "content-type", "cache-control"] {
        if let Some(value) = answer.headers().get(name) {
            response.insert_header((name, value.to_str().unwrap()));
        }
    }
    response.body(answer.bytes().await.unwrap())
}
