use events::v1::WebhookMercadopagoNotified;
use prost::Message;

use crate::world::{CONFIGURED, Stores, status};

/// A signed webhook, and what becomes of it.
struct Case {
    query: &'static str,
    data_id: Option<&'static str>,
    body: &'static str,
    topic: &'static str,
    resource: Option<&'static str>,
    idle: Option<&'static str>,
}

const CASES: [Case; 11] = [
    Case {
        query: "data.id=96718866362&type=payment",
        data_id: Some("96718866362"),
        body: r#"{"id":117889882382,"live_mode":true,"type":"payment","action":"payment.updated","data":{"id":"96718866362"}}"#,
        topic: "payment",
        resource: Some("96718866362"),
        idle: None,
    },
    Case {
        // The panel's simulator.
        query: "data.id=123456&type=payment",
        data_id: Some("123456"),
        body: r#"{"action":"payment.updated","data":{"id":"123456"},"type":"payment"}"#,
        topic: "payment",
        resource: Some("123456"),
        idle: None,
    },
    Case {
        query: "data.id=262&type=topic_merchant_order_wh",
        data_id: Some("262"),
        body: "{}",
        topic: "merchant_order",
        resource: Some("262"),
        idle: None,
    },
    Case {
        query: "data.id=233000061680860001&type=topic_chargebacks_wh",
        data_id: Some("233000061680860001"),
        body: r#"{"id":114411153595,"type":"topic_chargebacks_wh","actions":["changed_case_status"],"data":{"checkout":"PRO","id":233000061680860001,"payment_id":1234567890}}"#,
        topic: "chargeback",
        resource: Some("233000061680860001"),
        idle: None,
    },
    Case {
        query: "data.id=77&type=topic_claims_integration_wh",
        data_id: Some("77"),
        body: r#"{"type":"claim","data":{"id":"77","resource":"/v1/claims/77"}}"#,
        topic: "claim",
        resource: Some("77"),
        idle: None,
    },
    Case {
        query: "data.id=78&type=claim",
        data_id: Some("78"),
        body: "{}",
        topic: "claim",
        resource: Some("78"),
        idle: None,
    },
    Case {
        // Never sent twice, so the unsigned id of its body is better than nothing.
        query: "type=stop_delivery_op_wh",
        data_id: None,
        body: r#"{"id":"58980959081","type":"stop_delivery_op_wh","action":"Created","data":{"merchant_order":249940988000,"payment_id":58980959081}}"#,
        topic: "fraud_alert",
        resource: Some("58980959081"),
        idle: None,
    },
    Case {
        query: "data.id=79&type=stop_delivery_op_wh",
        data_id: Some("79"),
        body: "not json",
        topic: "fraud_alert",
        resource: Some("79"),
        idle: None,
    },
    Case {
        query: "type=payment",
        data_id: None,
        body: r#"{"type":"payment","data":{"id":"777"}}"#,
        topic: "payment",
        resource: None,
        idle: Some("no_resource"),
    },
    Case {
        query: "data.id=80&type=subscription_preapproval",
        data_id: Some("80"),
        body: "{}",
        topic: "other",
        resource: Some("80"),
        idle: Some("unknown_topic"),
    },
    Case {
        query: "data.id=ORD01ABCDEF&type=payment",
        data_id: Some("ord01abcdef"),
        body: "",
        topic: "payment",
        resource: Some("ORD01ABCDEF"),
        idle: None,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_webhook_is_kept_and_says_what_to_read() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for (number, case) in CASES.iter().enumerate() {
        let request_id = format!("r-{number}");
        let request = service.signed_mercadopago(case.query, case.data_id, &request_id, case.body);
        assert_eq!(status(request).await, 200, "{}", case.query);
        let kept = stores.deliveries().await;
        let newest = kept.iter().find(|delivery| {
            !CASES[..number].iter().any(|earlier| {
                earlier.resource == delivery.resource_id.as_deref()
                    && Some(earlier.topic) == delivery.topic.as_deref()
            })
        });
        let newest = newest.unwrap_or_else(|| panic!("{}: nothing new in {kept:?}", case.query));
        assert_eq!(newest.topic.as_deref(), Some(case.topic), "{}", case.query);
        assert_eq!(newest.resource_id.as_deref(), case.resource, "{}", case.query);
        assert_eq!(newest.outcome.as_deref(), case.idle, "{}", case.query);
        assert_eq!(
            (newest.verdict.as_str(), &newest.body),
            ("authentic", &hex::encode(case.body))
        );

        let events = stores.events().await;
        let told = events.iter().find(|event| event.about == newest.id);
        assert_eq!(told.is_none(), case.idle.is_some(), "{}", case.query);
        let Some(told) = told else { continue };
        let event =
            WebhookMercadopagoNotified::decode(hex::decode(&told.payload).unwrap().as_slice()).unwrap();
        let expected = WebhookMercadopagoNotified {
            delivery_id: newest.id.clone(),
            topic: case.topic.to_owned(),
            resource_id: case.resource.unwrap_or_default().to_owned(),
            authentic: true,
        };
        assert_eq!(event, expected);
    }
    assert_eq!(stores.deliveries().await.len(), CASES.len());
}
