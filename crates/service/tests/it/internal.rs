//! The guard of internal routes, and on whose behalf a call is made.

use actix_web::{HttpResponse, web};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use service::app::Application;
use service::http::resource;
use service::internal::{self, Actor, Bearer, ClientAddress};
use service::settings::HttpSettings;

fn start(token: Option<&str>) -> String {
    telemetry::for_tests();
    let token = token.map(SecretString::from);
    let routes = move |config: &mut web::ServiceConfig| {
        let scope = internal::scope(token.clone())
            .service(resource("/who").get(who))
            .service(resource("/admin/who").get(who));
        config.service(scope);
    };
    let application = Application::builder("guarded", HttpSettings::for_tests())
        .build(routes)
        .unwrap();
    let url = application.base_url();
    tokio::spawn(application.run_until_stopped());
    url
}

async fn who(actor: Actor, bearer: Bearer, address: ClientAddress) -> HttpResponse {
    let bearer = bearer.0.map(|token| token.expose_secret().to_owned());
    HttpResponse::Ok().json(json!({ "actor": actor.to_string(), "bearer": bearer, "address": address.0 }))
}

async fn ask(url: &str, headers: &[(&str, &str)]) -> (u16, serde_json::Value) {
    ask_at(url, "/who", headers).await
}

async fn ask_at(url: &str, path: &str, headers: &[(&str, &str)]) -> (u16, serde_json::Value) {
    // Each test may run in a process of its own, where nobody else has installed it.
    service::start::install_crypto();
    let mut request = reqwest::Client::new().get(format!("{url}/internal/v1{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn only_the_right_token_opens_internal_routes() {
    let url = start(Some("right"));
    let guest = ("x-actor", "guest");
    assert_eq!(ask(&url, &[("x-internal-token", "right"), guest]).await.0, 200);
    for wrong in ["", "wrong", "righ", "right "] {
        let (status, body) = ask(&url, &[("x-internal-token", &format!("{wrong}x")), guest]).await;
        assert_eq!((status, &body["code"]), (403, &json!("forbidden")));
    }
    assert_eq!(ask(&url, &[guest]).await.0, 403);
}

#[tokio::test]
async fn without_a_token_in_the_settings_internal_routes_refuse_clearly() {
    let (status, body) = ask(&start(None), &[("x-internal-token", "")]).await;
    assert_eq!((status, &body["code"]), (503, &json!("not_configured")));
}

#[tokio::test]
async fn the_caller_is_read_from_the_headers() {
    let url = start(Some("right"));
    let token = ("x-internal-token", "right");
    let headers = [
        token,
        ("x-actor", "staff:ana@example.com"),
        ("authorization", "Bearer abc"),
        ("x-client-address", "2001:db8::7"),
    ];
    let expected = json!({ "actor": "staff:ana@example.com", "bearer": "abc", "address": "2001:db8::7" });
    assert_eq!(ask(&url, &headers).await, (200, expected));
    for actor in ["", "admin", "staff:", "system"] {
        assert_eq!(ask(&url, &[token, ("x-actor", actor)]).await.0, 400, "{actor}");
    }
}

#[tokio::test]
async fn a_guest_asks_nothing_of_staff_even_past_the_gateway() {
    let url = start(Some("right"));
    let token = ("x-internal-token", "right");
    for (actor, status) in [
        ("staff:ana@example.com", 200),
        ("system:concierge", 200),
        ("guest", 403),
        ("staff:", 403),
        ("", 403),
    ] {
        let answer = ask_at(&url, "/admin/who", &[token, ("x-actor", actor)]).await;
        assert_eq!(answer.0, status, "{actor}");
    }
    assert_eq!(ask_at(&url, "/admin/who", &[token]).await.0, 403);
    let guest = ("x-actor", "guest");
    assert_eq!(ask_at(&url, "/%61dmin/who", &[token, guest]).await.0, 403);
}
