//! What guests may do: their token is proven by the owner of the answer, so that it must arrive as it was sent.

use serde_json::json;
use storage::staff::Role;
use testkit::Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wiremock::ResponseTemplate;

use crate::world::{World, good_token, line};

const CODE: &str = "RES261124K7M2QX";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_public_path_reaches_the_service_that_owns_the_answer() {
    let world = World::start().await;
    world.owners_say_yes().await;
    for (method, public, internal) in [
        (
            "GET",
            "/accommodations",
            "/reservations/internal/v1/accommodations",
        ),
        (
            "GET",
            "/accommodations/5",
            "/reservations/internal/v1/accommodations/5",
        ),
        (
            "GET",
            "/accommodations/5/availability?from=2026-12-01&to=2027-01-01",
            "/reservations/internal/v1/accommodations/5/availability?from=2026-12-01&to=2027-01-01",
        ),
        (
            "GET",
            "/accommodations/5/quote?check_in=2026-12-10&check_out=2026-12-13&guests=2",
            "/reservations/internal/v1/accommodations/5/quote?check_in=2026-12-10&check_out=2026-12-13&guests=2",
        ),
        ("POST", "/reservations", "/reservations/internal/v1/reservations"),
        (
            "POST",
            "/reservations/pre-reserve",
            "/reservations/internal/v1/reservations",
        ),
        (
            "GET",
            "/reservations/RES1",
            "/reservations/internal/v1/reservations/RES1",
        ),
        (
            "POST",
            "/reservations/RES1/cancel",
            "/reservations/internal/v1/reservations/RES1/cancel",
        ),
        (
            "POST",
            "/reservations/RES1/payment-link",
            "/payments/internal/v1/reservations/RES1/payment-link",
        ),
        (
            "GET",
            "/ical/export/5/secret.ics",
            "/ical-sync/internal/v1/ical/export/5/secret.ics",
        ),
        (
            "POST",
            "/webhooks/mercadopago?data.id=1",
            "/webhooks/api/v1/webhooks/mercadopago?data.id=1",
        ),
    ] {
        let answer = Answer::to(world.request(method, &format!("/api/v1{public}"))).await;
        assert_eq!(answer.status, 200, "{method} {public}");
        assert_eq!(line(&world.last_asked().await), format!("{method} {internal}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_climbs_out_of_what_a_guest_may_ask() {
    let world = World::start().await;
    world.owners_say_yes().await;
    for path in [
        "/reservations/..",
        "/reservations/.",
        "/reservations/../cancel",
        "/reservations/..\\admin\\reservations",
        "/reservations/x\\..\\..\\admin\\stats",
        "/reservations/\\admin\\stats",
        "/reservations/%2e%2e%2fadmin%2fstats",
        "/reservations/%2E%2E",
        "/reservations/%5c..%5cadmin",
        "/accommodations/..;/admin/stats",
        "/accommodations/../admin/stats",
        "/accommodations//../admin/stats",
        "/ical/export/..\\../admin/conflicts.ics",
    ] {
        let mut stream = tokio::net::TcpStream::connect(world.url.strip_prefix("http://").unwrap())
            .await
            .unwrap();
        // Clients tidy paths up; an attacker's does not.
        let request = format!("GET /api/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.get(9..12);
        assert!(matches!(status, Some("404" | "400" | "405")), "{path}: {answer}");
        assert_eq!(world.asked().await, Vec::<String>::new(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_token_reaches_the_owner_and_its_verdict_the_guest() {
    let world = World::start().await;
    let path = format!("/reservations/internal/v1/reservations/{CODE}");
    let right = wiremock::Mock::given(wiremock::matchers::path(path))
        .and(wiremock::matchers::header(
            "authorization",
            "Bearer the-right-one",
        ))
        .and(wiremock::matchers::header("x-actor", "guest"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "code": CODE })));
    right.mount(&world.owners).await;
    let problem = json!({
        "type": "https://alojamientos.example/problems/reservation-not-found", "title": "There is no such reservation",
        "status": 404, "code": "reservation_not_found", "instance": "/requests/1",
    });
    world
        .owners_answer(
            ResponseTemplate::new(404).set_body_raw(problem.to_string(), "application/problem+json"),
        )
        .await;
    let host = world.employ("host@example.com", &[Role::Host]).await;
    let show = |code: &str| world.get(&format!("/api/v1/reservations/{code}"));
    for (what, request, status) in [
        ("the right token", show(CODE).bearer_auth("the-right-one"), 200),
        (
            "another's token",
            show(CODE).bearer_auth("of-another-booking"),
            404,
        ),
        ("no token", show(CODE), 404),
        (
            "an empty token",
            show(CODE).header("authorization", "Bearer "),
            404,
        ),
        (
            "the token of another's booking",
            show("RES261124AAAAAA").bearer_auth("the-right-one"),
            404,
        ),
        (
            "a staff token is no guest's",
            show(CODE).bearer_auth(good_token(&host)),
            404,
        ),
    ] {
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(answer.text.contains(CODE), status == 200, "{what}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_answered_from_the_readers_cache_when_it_is_unchanged() {
    let world = World::start().await;
    let path = "/ical-sync/internal/v1/ical/export/5/secret.ics";
    let unchanged = wiremock::Mock::given(wiremock::matchers::path(path))
        .and(wiremock::matchers::header("if-none-match", "\"v1\""))
        .respond_with(ResponseTemplate::new(304).insert_header("etag", "\"v1\""))
        .with_priority(1);
    unchanged.mount(&world.owners).await;
    let calendar = ResponseTemplate::new(200)
        .set_body_raw(
            "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            "text/calendar; charset=utf-8",
        )
        .insert_header("etag", "\"v1\"")
        .insert_header("last-modified", "Tue, 24 Nov 2026 12:00:00 GMT")
        .insert_header("cache-control", "max-age=300");
    world.owner_answers("GET", path, calendar).await;
    let export = || world.get("/api/v1/ical/export/5/secret.ics");
    let first = Answer::to(export()).await;
    assert_eq!(first.text, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    assert_eq!(first.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(first.header("etag"), "\"v1\"");
    assert_eq!(first.header("last-modified"), "Tue, 24 Nov 2026 12:00:00 GMT");
    assert_eq!(first.header("cache-control"), "max-age=300");
    let second = Answer::to(export().header("if-none-match", "\"v1\"")).await;
    assert_eq!((second.status, second.text.as_str()), (304, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_passes_byte_for_byte_with_the_headers_of_its_signature() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let body: Vec<u8> = (0..=255).collect();
    let delivery = world
        .request(
            "POST",
            "/api/v1/webhooks/mercadopago?data.id=12%33&type=payment&b=&a",
        )
        .header("content-type", "application/json; charset=weird")
        .header("x-signature", "ts=1,v1=ab")
        .header("x-request-id", "of-the-provider")
        .header("x-hub-signature-256", "sha256=cd")
        .header("user-agent", "MercadoPago WebHook v1.0")
        .header("authorization", "Bearer of-nobody")
        .body(body.clone());
    assert_eq!(Answer::to(delivery).await.status, 200);
    let heard = world.last_asked().await;
    assert_eq!(heard.body, body);
    assert_eq!(heard.url.query(), Some("data.id=12%33&type=payment&b=&a"));
    for (name, value) in [
        ("content-type", "application/json; charset=weird"),
        ("x-signature", "ts=1,v1=ab"),
        ("x-request-id", "of-the-provider"),
        ("x-hub-signature-256", "sha256=cd"),
        ("user-agent", "MercadoPago WebHook v1.0"),
    ] {
        assert_eq!(heard.headers[name], value);
    }
    for name in ["authorization", "x-internal-token", "x-actor"] {
        assert!(!heard.headers.contains_key(name), "{name}");
    }
}
