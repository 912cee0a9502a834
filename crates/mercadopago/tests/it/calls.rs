//! What each call sends and reads.

use domain::money::{Currency, Money};
use mercadopago::preference::{BackUrls, NewPreference};
use mercadopago::refund::RefundState;
use mercadopago::search::Search;
use serde_json::{Value, json};
use time::macros::{datetime, offset};
use url::Url;
use uuid::Uuid;

use crate::harness::{Provider, header, id, json as answer};

const KEY: Uuid = Uuid::from_u128(0x0f2d_6a1e_5f0c_4b7d_9a63_2c1e_8b7f_4d55);

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_link_is_made_with_our_token_key_and_name() {
    let provider = Provider::start().await;
    let made = json!({ "id": "44444-ab", "init_point": "https://pay.example/?pref_id=44444-ab" });
    provider.answers(vec![answer(201, &made)]).await;
    let new = NewPreference {
        title: "Cabaña 1, 2 noches".to_owned(),
        amount: Money::new(4_500_050, Currency::ARS).unwrap(),
        external_reference: "RES251014A1B2C3".to_owned(),
        notification_url: url("https://reservas.example/mp"),
        back_urls: BackUrls {
            success: url("https://reservas.example/ok"),
            failure: url("https://reservas.example/no"),
            pending: url("https://reservas.example/wait"),
        },
        valid_from: datetime!(2026-12-01 14:30 UTC),
        valid_until: datetime!(2026-12-01 15:00 UTC),
        offset: offset!(-3),
        statement_descriptor: None,
    };

    let link = provider.client().create_preference(KEY, &new).await.unwrap();

    assert_eq!(link.init_point.as_str(), "https://pay.example/?pref_id=44444-ab");
    let request = &provider.received().await[0];
    assert_eq!(
        (request.method.as_str(), request.url.path()),
        ("POST", "/checkout/preferences")
    );
    assert_eq!(header(request, "authorization"), "Bearer TEST-token");
    assert_eq!(
        header(request, "x-idempotency-key"),
        "0f2d6a1e-5f0c-4b7d-9a63-2c1e8b7f4d55"
    );
    assert_eq!(header(request, "content-type"), "application/json");
    assert!(header(request, "user-agent").starts_with("alojamientos/"));
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert!(body.contains(r#""unit_price":45000.50}"#), "{body}");
}

#[tokio::test]
async fn a_part_goes_back_as_an_exact_decimal_and_may_be_in_process() {
    let provider = Provider::start().await;
    let refund = json!({ "id": 1, "payment_id": 5, "amount": 10.5, "status": "in_process" });
    provider.answers(vec![answer(201, &refund)]).await;
    let part = Money::new(1_050, Currency::ARS).unwrap();

    let refund = provider
        .client()
        .create_refund(KEY, &id("5"), Some(part))
        .await
        .unwrap();

    assert_eq!(refund.state(), RefundState::InProcess);
    let request = &provider.received().await[0];
    assert_eq!(request.url.path(), "/v1/payments/5/refunds");
    assert_eq!(header(request, "x-render-in-process-refunds"), "true");
    assert_eq!(header(request, "x-idempotency-key"), KEY.to_string());
    assert_eq!(request.body, br#"{"amount":10.50}"#);
}

#[tokio::test]
async fn the_whole_goes_back_as_an_empty_object() {
    let provider = Provider::start().await;
    provider
        .answers(vec![answer(201, &json!({ "id": 1, "status": "approved" }))])
        .await;
    provider
        .client()
        .create_refund(KEY, &id("5"), None)
        .await
        .unwrap();
    assert_eq!(provider.received().await[0].body, b"{}");
}

#[tokio::test]
async fn every_read_goes_where_the_contract_says() {
    let provider = Provider::start().await;
    let one = json!({ "id": 7, "status": "approved" });
    provider.answers(vec![answer(200, &one)]).await;
    let client = provider.client();
    client.payment(&id("233000061680860001")).await.unwrap();
    client.merchant_order(&id("262")).await.unwrap();
    client.chargeback(&id("233000061680860000")).await.unwrap();
    client.claim(&id("9")).await.unwrap();
    client.refund(&id("5"), &id("1")).await.unwrap();
    client.cancel_payment(&id("5")).await.unwrap();
    client
        .end_preference(&id("44-ab"), datetime!(2026-12-01 15:00 UTC), offset!(-3))
        .await
        .unwrap();

    let received = provider.received().await;
    let lines: Vec<String> = received
        .iter()
        .map(|request| format!("{} {}", request.method, request.url.path()))
        .collect();
    assert_eq!(
        lines,
        [
            "GET /v1/payments/233000061680860001",
            "GET /merchant_orders/262",
            "GET /v1/chargebacks/233000061680860000",
            "GET /post-purchase/v1/claims/9",
            "GET /v1/payments/5/refunds/1",
            "PUT /v1/payments/5",
            "PUT /checkout/preferences/44-ab",
        ]
    );
    assert_eq!(received[5].body, br#"{"status":"cancelled"}"#);
    let ended: Value = serde_json::from_slice(&received[6].body).unwrap();
    assert_eq!(
        ended,
        json!({ "expires": true, "expiration_date_to": "2026-12-01T12:00:00.000-03:00" })
    );
}

#[tokio::test]
async fn a_search_reads_every_page() {
    let provider = Provider::start().await;
    let page = |ids: [u32; 2], offset: u32| {
        let results = ids.map(|id| json!({ "id": id, "status": "approved" }));
        answer(
            200,
            &json!({ "paging": { "total": 3, "limit": 2, "offset": offset }, "results": results }),
        )
    };
    provider.answers(vec![page([1, 2], 0), page([3, 4], 2)]).await;

    let found = provider
        .client()
        .search_all(&Search::Reference("RES 1&2".to_owned()))
        .await
        .unwrap();

    assert_eq!(found.len(), 4);
    let received = provider.received().await;
    assert_eq!(received.len(), 2);
    let query = received[1].url.query().unwrap();
    let expected = "external_reference=RES+1%262&sort=date_created&criteria=asc&limit=50&offset=2";
    assert_eq!((received[1].url.path(), query), ("/v1/payments/search", expected));
}

#[tokio::test]
async fn a_search_of_a_span_asks_by_the_clock_of_changes() {
    let provider = Provider::start().await;
    provider
        .answers(vec![answer(
            200,
            &json!({ "paging": { "total": 0 }, "results": [] }),
        )])
        .await;
    let span = Search::Changed {
        since: datetime!(2026-12-01 0:00 UTC),
        until: datetime!(2026-12-02 0:00 UTC),
    };
    assert_eq!(provider.client().search_all(&span).await.unwrap(), []);
    let query = provider.received().await[0].url.query().unwrap().to_owned();
    assert!(query.starts_with("range=date_last_updated&begin_date=2026-12-01T00%3A00%3A00.000%2B00%3A00&"));
}

#[tokio::test]
async fn a_base_url_may_have_a_path_of_its_own() {
    let provider = Provider::start().await;
    provider
        .answers(vec![answer(200, &json!({ "id": 7, "status": "approved" }))])
        .await;
    let mut settings = provider.settings();
    settings.base_url = url(&format!("{}/mercadopago/", provider.server.uri()));
    provider.client_with(&settings).payment(&id("7")).await.unwrap();
    assert_eq!(
        provider.received().await[0].url.path(),
        "/mercadopago/v1/payments/7"
    );
}
