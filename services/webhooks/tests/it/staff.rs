use reqwest::Method;
use serde_json::Value;

use crate::world::{CONFIGURED, Service, Stores, status};

async fn json(service: &Service, method: Method, path: &str) -> (u16, Value) {
    let answer = service.staff(method, path).send().await.unwrap();
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_reads_deliveries_as_they_came_newest_first() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for number in 0..5 {
        service.clock.advance(time::Duration::SECOND);
        let (id, query) = (number.to_string(), format!("data.id={number}&type=payment"));
        let request = service.signed_mercadopago(&query, Some(&id), "r", "{\"data\":\"ñ\"}");
        assert_eq!(status(request).await, 200);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = json(&service, Method::GET, &format!("/deliveries?limit=2{cursor}")).await;
        assert_eq!(status, 200);
        for item in page["items"].as_array().unwrap() {
            seen.push(item["resource_id"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);

    let (_, page) = json(
        &service,
        Method::GET,
        "/deliveries?source=mercadopago&resource_id=3&processed=false",
    )
    .await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let (_, shown) = json(&service, Method::GET, &format!("/deliveries/{id}")).await;
    assert_eq!(
        (shown["body"].as_str(), shown["query"].as_str()),
        (Some("{\"data\":\"ñ\"}"), Some("data.id=3&type=payment"))
    );
    assert_eq!(shown["headers"]["x-request-id"], "r");
    let (_, none) = json(&service, Method::GET, "/deliveries?source=whatsapp").await;
    assert_eq!(none["items"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_announces_the_delivery_again_under_a_new_event() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    status(service.signed_whatsapp(b"{}")).await;
    let id = stores.deliveries().await[0].id.clone();
    let mut events = Vec::new();
    for _time in 0..2 {
        let (status, replayed) = json(&service, Method::POST, &format!("/deliveries/{id}/replay")).await;
        assert_eq!(
            (status, replayed["delivery_id"].as_str()),
            (202, Some(id.as_str()))
        );
        events.push(replayed["event_id"].as_str().unwrap().to_owned());
    }
    assert_ne!(events[0], events[1]);
    let told = stores.events().await;
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|event| event.about == id && event.name == "webhook.whatsapp_received.v1")
    );
    assert_eq!(stores.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_for_others_is_asked_to_come_again() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    status(service.signed_whatsapp(b"{}")).await;
    let path = format!("/deliveries/{}/replay", stores.deliveries().await[0].id);
    let others = stores
        .database
        .locked("SELECT FROM webhook_deliveries FOR UPDATE")
        .await;
    let answer = service.staff(Method::POST, &path).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "2");
    drop(others);
    assert_eq!(status(service.staff(Method::POST, &path)).await, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_does_not_fit_is_said() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    let cases = [
        (
            Method::GET,
            format!("/deliveries/{unknown}"),
            404,
            "delivery_not_found",
        ),
        (
            Method::POST,
            format!("/deliveries/{unknown}/replay"),
            404,
            "delivery_not_found",
        ),
        (
            Method::GET,
            "/deliveries?source=telegram".to_owned(),
            422,
            "invalid_request",
        ),
        (
            Method::GET,
            "/deliveries?verdict=guilty".to_owned(),
            422,
            "invalid_request",
        ),
        (
            Method::GET,
            "/deliveries?cursor=x".to_owned(),
            422,
            "invalid_request",
        ),
        (
            Method::GET,
            "/deliveries?limit=201".to_owned(),
            422,
            "invalid_request",
        ),
        (
            Method::GET,
            "/deliveries?resource_id=%00".to_owned(),
            422,
            "invalid_request",
        ),
    ];
    for (method, path, expected, code) in cases {
        let (status, problem) = json(&service, method, &path).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (expected, Some(code)),
            "{path}"
        );
    }
    for (query, field, code) in [
        ("unknown=1", "unknown", "unknown"),
        ("limit=many", "limit", "invalid"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("cursor=x", "cursor", "malformed"),
    ] {
        let (status, problem) = json(&service, Method::GET, &format!("/deliveries?{query}")).await;
        let named = serde_json::json!([{ "field": field, "code": code }]);
        assert_eq!((status, &problem["errors"]), (422, &named), "{query}");
    }
    let answer = status(service.staff(Method::GET, "/deliveries/7")).await;
    assert!(answer == 400 || answer == 404, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_deliveries_without_the_services_token() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let open = service
        .get("/internal/v1/admin/deliveries")
        .header("x-actor", "staff:ana@casa.example");
    let open = status(open).await;
    assert!(open == 401 || open == 403, "{open}");
    let wrong = service
        .get("/internal/v1/admin/deliveries")
        .header("x-internal-token", "doc-internal-tokem");
    let wrong = status(wrong).await;
    assert!(wrong == 401 || wrong == 403, "{wrong}");
}
