//! Every refusal is a problem, whoever made it: the gateway, the framework, or nobody.

use serde_json::json;
use service::settings::HttpSettings;
use storage::staff::Role;
use testkit::Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{World, good_token};

const LOGIN: &str = "/api/v1/admin/login";

/// Method, path, content type and body of a request, and the status and code of its refusal.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (u16, &'static str),
);

const REFUSED: &[Case] = &[
    ("GET", "/", "", "", (404, "not_found")),
    ("GET", "/api/v1/nothing", "", "", (404, "not_found")),
    ("POST", "/api/v1/nothing", "", "{}", (404, "not_found")),
    ("GET", "/api/v1/admin/nothing", "", "", (404, "not_found")),
    ("GET", "/internal/v1/accommodations", "", "", (404, "not_found")),
    ("GET", "/api/v1/accommodations/%2e%2e", "", "", (404, "not_found")),
    ("GET", "/api/v1/reservations/a%2Fb", "", "", (404, "not_found")),
    (
        "DELETE",
        "/api/v1/accommodations",
        "",
        "",
        (405, "method_not_allowed"),
    ),
    (
        "PATCH",
        "/api/v1/reservations/X",
        "",
        "",
        (405, "method_not_allowed"),
    ),
    (
        "BREW",
        "/api/v1/reservations",
        "",
        "",
        (405, "method_not_allowed"),
    ),
    ("POST", "/pago/aprobado", "", "", (405, "method_not_allowed")),
    ("POST", "/api/openapi.json", "", "", (405, "method_not_allowed")),
    ("POST", "/api/docs/", "", "", (405, "method_not_allowed")),
    (
        "DELETE",
        "/api/docs/index.html",
        "",
        "",
        (405, "method_not_allowed"),
    ),
    ("GET", "/api/docs/nothing.js", "", "", (404, "not_found")),
    ("GET", LOGIN, "", "", (405, "method_not_allowed")),
    ("POST", LOGIN, "", "{}", (415, "unsupported_media_type")),
    ("POST", LOGIN, "text/plain", "{}", (415, "unsupported_media_type")),
    ("POST", LOGIN, "application/json", "{", (400, "malformed_json")),
    ("POST", LOGIN, "application/json", "{}", (422, "invalid_request")),
    ("GET", "/api/v1/admin/stats", "", "", (401, "not_logged_in")),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_of_the_gateway_is_a_problem() {
    let world = World::start().await;
    for &(method, path, media, body, expected) in REFUSED {
        let mut request = world.request(method, path).body(body);
        if !media.is_empty() {
            request = request.header("content-type", media);
        }
        let answer = Answer::to(request).await;
        let (status, code) = answer.problem();
        assert_eq!((status, code), expected, "{method} {path}");
        assert_eq!(
            answer.header("allow").is_empty(),
            status != 405,
            "{method} {path}"
        );
        assert_eq!(
            answer.header("www-authenticate").is_empty(),
            status != 401,
            "{method} {path}"
        );
    }
    assert_eq!(world.asked().await, Vec::<String>::new(), "nobody was asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_is_refused_before_anybody_is_asked() {
    let http = HttpSettings {
        http_body_limit_bytes: 1_000,
        ..HttpSettings::for_tests()
    };
    let world = World::with(http, &[]).await;
    world.owners_say_yes().await;
    let hold = |length: usize| {
        let request = world.request("POST", "/api/v1/reservations");
        Answer::to(request.body("x".repeat(length)))
    };
    assert_eq!(hold(1_001).await.problem(), (413, "body_too_large"));
    assert_eq!(world.asked().await.len(), 0);
    assert_eq!(hold(1_000).await.status, 200);
    // Meta's batches are larger.
    let batch = world.request("POST", "/api/v1/webhooks/whatsapp");
    assert_eq!(Answer::to(batch.body("x".repeat(3 << 20))).await.status, 200);
    let monster = world.request("POST", "/api/v1/webhooks/whatsapp");
    let monster = Answer::to(monster.body("x".repeat((4 << 20) + 1))).await;
    assert_eq!(monster.problem(), (413, "body_too_large"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_in_is_given_up() {
    let http = HttpSettings {
        http_body_timeout_seconds: 1,
        ..HttpSettings::for_tests()
    };
    let world = World::with(http, &[]).await;
    world.owners_say_yes().await;
    let mut stream = TcpStream::connect(world.url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let half = "POST /api/v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf";
    stream.write_all(half.as_bytes()).await.unwrap();
    let mut answer = vec![0; 8_192];
    let length = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert_eq!(world.asked().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_makes_browsers_careful_and_can_be_found_in_the_logs() {
    let world = World::start().await;
    world.owners_say_yes().await;
    for path in [
        "/api/v1/accommodations",
        "/api/v1/nothing",
        "/api/v1/admin/stats",
        "/api/v1/readyz",
        "/api/openapi.json",
        "/pago/aprobado",
        "/livez",
    ] {
        let answer = Answer::to(world.get(path).header("x-request-id", "of-the-caller")).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-request-id"), "of-the-caller", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
    }
    let nameless = Answer::to(world.get("/api/v1/accommodations")).await;
    assert!(16 <= nameless.header("x-request-id").len(), "{nameless:?}");
    let asked = world.last_asked().await;
    assert_eq!(asked.headers["x-request-id"], nameless.header("x-request-id"));
    let dangerous = world
        .get("/api/v1/accommodations")
        .header("x-request-id", "a b<c>");
    assert_ne!(Answer::to(dangerous).await.header("x-request-id"), "a b<c>");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_works_wherever_get_does() {
    let world = World::start().await;
    world.owners_say_yes().await;
    let host = world
        .employ("host@example.com", &[Role::Host, Role::Oncall])
        .await;
    let description: serde_json::Value = Answer::to(world.get("/api/openapi.json")).await.body;
    let mut looked_at = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
        let path = crate::documentation::with_values(path);
        let ask = |method| Answer::to(world.request(method, &path).bearer_auth(good_token(&host)));
        let (got, headed) = (ask("GET").await, ask("HEAD").await);
        assert_eq!(headed.status, got.status, "{path}");
        assert_eq!(
            headed.header("content-type"),
            got.header("content-type"),
            "{path}"
        );
        assert_eq!(headed.text, "", "{path}");
        looked_at += 1;
    }
    assert!(20 <= looked_at, "only {looked_at} paths were looked at");
    for path in [
        "/api/docs/",
        "/api/docs/index.html",
        "/api/docs/swagger-ui.css",
        "/api/docs/swagger-initializer.js",
        "/api/openapi.json",
        "/pago/aprobado",
        "/pago/rechazado",
        "/pago/pendiente",
        "/reservas/RES261124K7M2QX",
    ] {
        let headed = Answer::to(world.request("HEAD", path)).await;
        assert_eq!((headed.status, headed.text.as_str()), (200, ""), "{path}");
    }
    // The owners hear a GET and need not know HEAD; only what providers send passes unchanged.
    let asked = world.asked().await;
    let heads = asked.iter().filter(|line| line.starts_with("HEAD"));
    assert_eq!(
        heads.collect::<Vec<_>>(),
        ["HEAD /webhooks/api/v1/webhooks/whatsapp"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_of_an_owner_passes_as_it_is() {
    let world = World::start().await;
    let problem = json!({
        "type": "https://alojamientos.example/problems/nights-taken", "title": "The nights are no longer free",
        "status": 409, "code": "nights_taken", "instance": "/requests/of-the-owner",
    });
    let answer = wiremock::ResponseTemplate::new(409)
        .set_body_raw(problem.to_string(), "application/problem+json")
        .insert_header("x-secret-of-the-owner", "yes")
        .insert_header("server", "of-the-owner");
    world
        .owner_answers("POST", "/reservations/internal/v1/reservations", answer)
        .await;
    let refused = Answer::to(world.post("/api/v1/reservations", &json!({}))).await;
    assert_eq!(refused.problem(), (409, "nights_taken"));
    assert_eq!(refused.body, problem);
    assert_eq!(refused.header("x-secret-of-the-owner"), "");
    assert_eq!(refused.header("server"), "");
}
