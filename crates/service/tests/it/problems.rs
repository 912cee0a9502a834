//! Every refusal is `application/problem+json` with an equal status, the framework's own too.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::harness::{Service, read_some};

const JSON: (&str, &str) = ("content-type", "application/json");

struct Refusal {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Refusal {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        assert_eq!(
            headers["content-type"],
            "application/problem+json",
            "{}",
            response.url()
        );
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["status"], status);
        assert!(body["instance"].as_str().unwrap().starts_with("/requests/"));
        Self {
            status,
            headers,
            body,
        }
    }

    fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap())
    }
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let service = Service::start();
    let refusal = Refusal::of(service.get("/nothing/here")).await;
    assert_eq!(refusal.code(), (404, "not_found"));
    assert_eq!(
        (&refusal.body["type"], &refusal.body["title"]),
        (&json!("about:blank"), &json!("Not Found"))
    );
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_ones() {
    let service = Service::start();
    let refusal = Refusal::of(service.post("/things/5")).await;
    assert_eq!(refusal.code(), (405, "method_not_allowed"));
    assert_eq!(refusal.headers["allow"], "GET, HEAD, DELETE, OPTIONS");
    let strange = service.client.request(
        Method::from_bytes(b"BREW").unwrap(),
        format!("{}/echo", service.url),
    );
    assert_eq!(Refusal::of(strange).await.status, 405);
}

#[tokio::test]
async fn head_works_wherever_get_does_and_options_lists_the_methods() {
    let service = Service::start();
    let head = service
        .client
        .head(format!("{}/things/5", service.url))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            head.status().as_u16(),
            head.headers()["content-length"].to_str().unwrap()
        ),
        (200, "8")
    );
    assert_eq!(head.text().await.unwrap(), "");

    let options = service
        .client
        .request(Method::OPTIONS, format!("{}/wishes", service.url));
    let options = options.send().await.unwrap();
    assert_eq!(
        (
            options.status().as_u16(),
            options.headers()["allow"].to_str().unwrap()
        ),
        (204, "POST, OPTIONS")
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_declared_or_not() {
    let service = Service::start();
    let long = "x".repeat(65);
    assert_eq!(
        Refusal::of(service.post("/raw").body(long.clone())).await.code(),
        (413, "body_too_large")
    );

    let chunked = format!(
        "POST /raw HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n41\r\n{long}\r\n0\r\n\r\n"
    );
    let answer = service.raw(&chunked).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("application/problem+json"),
        "{answer}"
    );
    let largest = service.post("/raw").body("x".repeat(64)).send().await.unwrap();
    assert_eq!(largest.status(), 200);
}

#[tokio::test]
async fn another_media_type_than_json_is_415() {
    let service = Service::start();
    let body = r#"{"nights":1,"guest":{"name":"Ana"}}"#;
    assert_eq!(
        Refusal::of(service.post("/wishes").body(body)).await.code(),
        (415, "unsupported_media_type")
    );
    let form = service
        .post("/wishes")
        .header("content-type", "text/plain")
        .body(body);
    assert_eq!(Refusal::of(form).await.status, 415);
    let packed = service
        .post("/wishes")
        .header(JSON.0, JSON.1)
        .header("content-encoding", "gzip")
        .body(body);
    assert_eq!(Refusal::of(packed).await.status, 415);
    let fine = service
        .post("/wishes")
        .header("content-type", "Application/JSON; charset=utf-8")
        .body(body);
    assert_eq!(fine.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn malformed_json_is_400() {
    let service = Service::start();
    for body in [
        "",
        "{",
        "nonsense",
        r#"{"nights":1,"guest":{"name":"Ana"}} x"#,
        "{\"nights\":1,}",
    ] {
        let refusal = Refusal::of(service.post("/wishes").header(JSON.0, JSON.1).body(body)).await;
        assert_eq!(refusal.code(), (400, "malformed_json"), "{body}");
    }
}

#[tokio::test]
async fn json_that_does_not_fit_is_422_and_names_the_field() {
    let service = Service::start();
    for (body, field, code) in [
        (r#"{"nights":"one","guest":{"name":"A"}}"#, "nights", "wrong_type"),
        (r#"{"nights":999,"guest":{"name":"A"}}"#, "nights", "invalid"),
        (r#"{"nights":1}"#, "guest", "missing"),
        (r#"{"nights":1,"guest":{}}"#, "guest.name", "missing"),
        (r#"{"nights":1,"guest":{"name":7}}"#, "guest.name", "wrong_type"),
        (r#"{"nights":1,"guests":2}"#, "guests", "unknown"),
    ] {
        let refusal = Refusal::of(service.post("/wishes").header(JSON.0, JSON.1).body(body)).await;
        assert_eq!(refusal.code(), (422, "invalid_request"), "{body}");
        assert_eq!(
            refusal.body["errors"],
            json!([{ "field": field, "code": code }]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_part_of_the_path_that_does_not_fit_is_400() {
    let service = Service::start();
    assert_eq!(
        Refusal::of(service.get("/things/five")).await.code(),
        (400, "invalid_path")
    );
}

#[tokio::test]
async fn a_parameter_of_the_query_that_does_not_fit_is_422_and_named() {
    let service = Service::start();
    for (query, field, code) in [
        ("", "from", "missing"),
        ("?from=soon", "from", "invalid"),
        ("?from=1&from=2", "from", "duplicate"),
        ("?from=1&form=2", "form", "unknown"),
        ("?from=1&%3Cb%3E", "<b>", "unknown"),
    ] {
        let refusal = Refusal::of(service.get(&format!("/range{query}"))).await;
        assert_eq!(refusal.code(), (422, "invalid_request"), "{query}");
        let named = json!([{ "field": field, "code": code }]);
        assert_eq!(refusal.body["errors"], named, "{query}");
    }
}

#[tokio::test]
async fn a_panic_is_500_and_the_connection_lives() {
    let service = Service::start();
    let mut stream = service.connect().await;
    stream
        .write_all(b"GET /panic HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let answer = read_some(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 500") && answer.contains("application/problem+json"),
        "{answer}"
    );
    assert!(!answer.contains("on purpose"));

    stream
        .write_all(b"GET /things/5 HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_408() {
    let service = Service::start();
    let answer = service
        .raw("POST /raw HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("application/problem+json"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_librarys_words_and_an_empty_refusal_become_problems() {
    let service = Service::start();
    let conflict = Refusal::of(service.get("/text")).await;
    assert_eq!(conflict.code(), (409, "conflict"));
    assert!(!conflict.body.to_string().contains("internal words"));
    assert_eq!(Refusal::of(service.get("/empty")).await.status, 410);
}

#[tokio::test]
async fn the_cause_is_for_the_log_only() {
    let service = Service::start();
    let refusal = Refusal::of(service.get("/broken")).await;
    assert_eq!(refusal.code(), (500, "internal"));
    assert!(!refusal.body.to_string().contains("cause"));
}

#[tokio::test]
async fn retry_after_is_a_header_and_a_member_and_never_0() {
    let service = Service::start();
    let refusal = Refusal::of(service.get("/busy")).await;
    assert_eq!(
        (&refusal.headers["retry-after"], &refusal.body["retry_after"]),
        (&"1".parse().unwrap(), &json!(1))
    );
    let unauthenticated = Refusal::of(service.get("/login")).await;
    assert_eq!(
        (
            unauthenticated.status,
            &unauthenticated.headers["www-authenticate"]
        ),
        (401, &"Bearer".parse().unwrap())
    );
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful_unless_the_page_says_otherwise() {
    let service = Service::start();
    for path in ["/things/5", "/nothing", "/panic", "/livez"] {
        let headers = service.get(path).send().await.unwrap().headers().clone();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'"
        );
        assert!(!headers.contains_key("strict-transport-security"));
    }
    let own = service
        .get("/own-headers")
        .send()
        .await
        .unwrap()
        .headers()
        .clone();
    assert_eq!(own["content-security-policy"], "default-src 'self'");
}
