use events::v1::WebhookMercadopagoNotified;
use prost::Message;

use crate::world::{CONFIGURED, Stores, all_at_once, status};

#[tokio::test(flavor = "multi_thread")]
async fn an_ipn_is_a_hint_whatever_its_signature() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let cases = [
        ("id=123&topic=payment", "", "payment", "123"),
        ("", r#"{"resource":"124","topic":"payment"}"#, "payment", "124"),
        (
            "",
            r#"{"resource":"https://api.mercadolibre.com/merchant_orders/262","topic":"merchant_order"}"#,
            "merchant_order",
            "262",
        ),
        (
            "id=9007199254740993&topic=payment",
            "",
            "payment",
            "9007199254740993",
        ),
        ("id=5&topic=chargebacks", "", "chargeback", "5"),
    ];
    for (number, (query, body, topic, resource)) in cases.into_iter().enumerate() {
        let request = service
            .mercadopago(query, body)
            .header("x-signature", "ts=1,v1=never");
        assert_eq!(status(request).await, 200, "{query} {body}");
        let kept = stores.deliveries().await;
        assert_eq!(kept.len(), number + 1);
        let newest = kept
            .iter()
            .find(|delivery| delivery.resource_id.as_deref() == Some(resource))
            .unwrap();
        assert_eq!(
            (newest.verdict.as_str(), newest.topic.as_deref()),
            ("hint", Some(topic))
        );
        let events = stores.events().await;
        let told = events.iter().find(|event| event.about == newest.id).unwrap();
        let event =
            WebhookMercadopagoNotified::decode(hex::decode(&told.payload).unwrap().as_slice()).unwrap();
        assert!(!event.authentic);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_neither_webhook_nor_ipn_is_acknowledged_and_forgotten() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let before = service
        .metric("webhook_deliveries_total", &["mercadopago", "unknown"])
        .await;
    let cases = [
        ("", ""),
        ("", "{}"),
        ("", "nonsense"),
        ("id=1", ""),
        ("id=../../x&topic=payment", ""),
    ];
    for (query, body) in cases {
        assert_eq!(
            status(service.mercadopago(query, body)).await,
            200,
            "{query} {body}"
        );
    }
    assert!(stores.deliveries().await.is_empty());
    let counted = service
        .metric("webhook_deliveries_total", &["mercadopago", "unknown"])
        .await
        - before;
    assert!(5.0 <= counted, "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_about_one_resource_count_once_in_a_window() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let twenty = |id: &str| {
        let query = format!("id={id}&topic=payment");
        (0..20).map(|_| service.mercadopago(&query, "")).collect()
    };
    assert_eq!(all_at_once(twenty("7")).await, [200; 20]);
    assert_eq!(stores.deliveries().await.len(), 1);
    service.clock.advance(time::Duration::seconds(10));
    assert_eq!(all_at_once(twenty("7")).await, [200; 20]);
    assert_eq!(stores.deliveries().await.len(), 2);
    assert_eq!(stores.events().await.len(), 2);
}

/// Anybody can send hints, and each costs a read at the provider.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_hints_is_acknowledged_and_mostly_forgotten_and_hides_no_webhook() {
    let stores = Stores::new().await;
    let variables = [CONFIGURED.as_slice(), &[("WEBHOOK_HINTS_PER_SECOND", "3")]].concat();
    let service = stores.service(&variables).await;
    let flood = (0..200)
        .map(|id| service.mercadopago(&format!("id={id}&topic=payment"), ""))
        .collect();
    let webhook = service.signed_mercadopago("data.id=999&type=payment", Some("999"), "r", "{}");
    let (flood, webhook) = tokio::join!(all_at_once(flood), status(webhook));
    assert_eq!((flood, webhook), (vec![200; 200], 200));
    let kept = stores.deliveries().await;
    let hints = kept.iter().filter(|delivery| delivery.verdict == "hint").count();
    assert!((3..60).contains(&hints), "{hints}");
    assert!(
        kept.iter()
            .any(|delivery| delivery.resource_id.as_deref() == Some("999"))
    );
}
