use proptest::prelude::*;
use secrecy::SecretString;
use time::OffsetDateTime;

use super::{Authentic, Delivery, Topic, Verdict, judge};
use crate::signature::{Notice, Secrets, SignatureError, sign};

const TS: &str = "1760000000";

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_760_000_000).unwrap()
}

fn secret() -> SecretString {
    SecretString::from("doc-mp-secret")
}

fn verdict(query: &str, header: Option<&str>, body: &str) -> Verdict {
    let notice = Notice {
        query,
        x_signature: header.map(str::as_bytes),
        x_request_id: None,
    };
    let secrets = Secrets::new(secret(), None).unwrap();
    judge(
        &secrets,
        now(),
        &Delivery {
            notice,
            body: body.as_bytes(),
        },
    )
}

fn signed(query: &str, data_id: Option<&str>, body: &str) -> Verdict {
    verdict(query, Some(&sign(&secret(), data_id, None, TS)), body)
}

fn authentic(topic: Topic, resource: Option<&str>, payment_hint: Option<&str>) -> Verdict {
    let id = |text: &str| text.parse().unwrap();
    Verdict::Authentic(Authentic {
        topic,
        resource: resource.map(id),
        payment_hint: payment_hint.map(id),
        signed_at: now(),
        fresh: true,
    })
}

fn hint(topic: Topic, resource: &str) -> Verdict {
    Verdict::Hint {
        topic,
        resource: resource.parse().unwrap(),
    }
}

#[test]
fn a_signed_webhook_names_what_to_read() {
    let body = r#"{"id":12345,"live_mode":true,"type":"payment","action":"payment.created","data":{"id":"999999999"}}"#;
    assert_eq!(
        signed("data.id=999999999&type=payment", Some("999999999"), body),
        authentic(Topic::Payment, Some("999999999"), None),
    );
    assert_eq!(
        signed("ours=1&data%2Eid=123456", Some("123456"), body),
        authentic(Topic::Payment, Some("123456"), None),
    );
}

#[test]
fn the_id_of_the_body_is_never_used() {
    let body = r#"{"type":"payment","data":{"id":"777"}}"#;
    assert_eq!(
        signed("type=payment", None, body),
        authentic(Topic::Payment, None, None)
    );
    assert_eq!(
        signed("data.id=1", Some("1"), body),
        authentic(Topic::Payment, Some("1"), None)
    );
}

#[test]
fn a_chargeback_above_two_to_the_53_and_its_payment_keep_every_digit() {
    let body = r#"{"id":114411153595,"type":"topic_chargebacks_wh","actions":["changed_case_status"],"data":{"checkout":"PRO","id":233000061680860001,"payment_id":1234567890123456789}}"#;
    assert_eq!(
        signed(
            "data.id=233000061680860001&type=topic_chargebacks_wh",
            Some("233000061680860001"),
            body
        ),
        authentic(
            Topic::Chargeback,
            Some("233000061680860001"),
            Some("1234567890123456789")
        ),
    );
}

#[test]
fn a_fraud_alert_without_a_signed_id_still_hints_at_its_payment() {
    let body = r#"{"id":"58980959081","type":"stop_delivery_op_wh","action":"Created","data":{"merchant_order":249940988000,"payment_id":58980959081}}"#;
    assert_eq!(
        signed("type=stop_delivery_op_wh", None, body),
        authentic(Topic::FraudAlert, None, Some("58980959081")),
    );
}

#[test]
fn a_webhook_that_does_not_verify_is_refused() {
    let wrong = sign(&secret(), Some("2"), None, TS);
    assert_eq!(
        verdict("data.id=1&type=payment", Some(&wrong), ""),
        Verdict::Refused(SignatureError::Mismatch),
    );
    assert_eq!(
        verdict("data.id=1", None, ""),
        Verdict::Refused(SignatureError::Missing)
    );
    assert_eq!(
        verdict("type=payment", None, "not json"),
        Verdict::Refused(SignatureError::Missing),
    );
    assert_eq!(verdict("data.id=1&data.id=1", None, ""), Verdict::Ambiguous);
}

#[test]
fn an_ipn_is_a_hint_whatever_its_signature() {
    let order = r#"{"resource":"https://api.mercadolibre.com/merchant_orders/262","topic":"merchant_order"}"#;
    let cases = [
        ("id=123&topic=payment", "", hint(Topic::Payment, "123")),
        (
            "",
            r#"{"resource":"123","topic":"payment"}"#,
            hint(Topic::Payment, "123"),
        ),
        (
            "",
            r#"{"resource":123,"topic":"payment"}"#,
            hint(Topic::Payment, "123"),
        ),
        ("", order, hint(Topic::MerchantOrder, "262")),
        (
            "id=262&topic=merchant_order",
            order,
            hint(Topic::MerchantOrder, "262"),
        ),
        (
            "topic=payment",
            r#"{"resource":"/v1/payments/5/?x=1"}"#,
            hint(Topic::Payment, "5"),
        ),
        ("id=5&topic=chargebacks", "", hint(Topic::Chargeback, "5")),
    ];
    for (query, body, expected) in cases {
        assert_eq!(verdict(query, None, body), expected, "{query} {body}");
        assert_eq!(
            verdict(query, Some("ts=1,v1=2"), body),
            expected,
            "{query} {body}"
        );
    }
}

#[test]
fn the_fields_of_an_ipn_do_not_spare_a_webhook_its_signature() {
    assert_eq!(
        verdict(
            "data.id=1&id=1&topic=payment",
            None,
            r#"{"resource":"1","topic":"payment"}"#
        ),
        Verdict::Refused(SignatureError::Missing),
    );
}

#[test]
fn neither_shape_is_unknown() {
    for (query, body) in [
        ("", ""),
        ("", "{}"),
        ("", "[1]"),
        ("id=1", ""),
        ("topic=payment", ""),
        ("id=1&id=2&topic=payment", ""),
        ("id=../../x&topic=payment", ""),
        ("", r#"{"resource":"https://evil.example/","topic":"payment"}"#),
        ("", r#"{"data":{"id":"1"}}"#),
    ] {
        assert_eq!(verdict(query, None, body), Verdict::Unknown, "{query} {body}");
    }
}

#[test]
fn an_id_that_no_path_may_hold_is_authentic_without_a_resource() {
    assert_eq!(
        signed(
            "data.id=1%3Brequest-id%3AR&type=payment",
            Some("1;request-id:R"),
            ""
        ),
        authentic(Topic::Payment, None, None),
    );
}

proptest! {
    #[test]
    fn any_delivery_gets_a_verdict_and_none_is_authentic_unsigned(
        query in ".{0,60}|(data.id|type|id|topic)=[a-z0-9%.]{0,8}(&(data.id|type|id|topic)=[a-z0-9%.]{0,8}){0,3}",
        header in proptest::option::of(".{0,80}"),
        body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let notice = Notice { query: &query, x_signature: header.as_deref().map(str::as_bytes), x_request_id: None };
        let secrets = Secrets::new(secret(), None).unwrap();
        let verdict = judge(&secrets, now(), &Delivery { notice, body: &body });
        prop_assert!(!matches!(verdict, Verdict::Authentic(_)));
    }
}
