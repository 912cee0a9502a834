use std::collections::BTreeSet;

use crate::world::{APP_SECRET, CONFIGURED, Service, Stores, status};

/// The contract's worked vectors: secret, body, signature.
const VECTORS: [(&str, &str, &str); 6] = [
    (
        "secret",
        "test",
        "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914",
    ),
    (
        APP_SECRET,
        r#"{"object":"whatsapp_business_account","entry":[]}"#,
        "f3f184cd3c5d582b45a752543dad664f574ee838d1b5607cecb7158bc5de67a5",
    ),
    (
        APP_SECRET,
        r#"{"text":"ma\u00f1ana"}"#,
        "a1286995245c14f5fd29ba7468b6b6b1ae874e99a133babdb005d8493336a104",
    ),
    (
        APP_SECRET,
        r#"{"text":"mañana"}"#,
        "9e8ae89b1ec39d78bd81efbc59bec4aede4fb527488a20a36478a57ce4d2107d",
    ),
    (
        APP_SECRET,
        r#"{"url":"https:\/\/a.example\/x"}"#,
        "5e30d447d24003992c039c331d92e6959c8d28da6311532e55b93bce58fb4b5c",
    ),
    (
        APP_SECRET,
        r#"{"url":"https://a.example/x"}"#,
        "a198c1162ac8e4741201067c7f582189a02196872717c6b5d36b1137946f82ec",
    ),
];

async fn send(service: &Service, body: &str, signature: &str) -> u16 {
    let request = service
        .whatsapp(body.to_owned())
        .header("x-hub-signature-256", signature);
    status(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_bytes_are_what_is_signed() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for (secret, body, signature) in VECTORS {
        let expected = if secret == APP_SECRET { 200 } else { 403 };
        assert_eq!(
            send(&service, body, &format!("sha256={signature}")).await,
            expected,
            "{body}"
        );
    }
    // The same values in other bytes: each signature fits only its own.
    for (one, other) in [(2, 3), (3, 2), (4, 5), (5, 4)] {
        let signature = format!("sha256={}", VECTORS[other].2);
        assert_eq!(send(&service, VECTORS[one].1, &signature).await, 403);
    }
    let kept = stores.deliveries().await;
    let mut bodies: Vec<String> = kept.iter().map(|delivery| delivery.body.clone()).collect();
    bodies.sort_unstable();
    let mut sent: Vec<String> = VECTORS[1..]
        .iter()
        .map(|(_, body, _)| hex::encode(body))
        .collect();
    sent.sort_unstable();
    assert_eq!(bodies, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_vector_fits_its_own_secret() {
    let stores = Stores::new().await;
    let service = stores.service(&[("WHATSAPP_APP_SECRET", "secret")]).await;
    let (_, body, signature) = VECTORS[0];
    assert_eq!(send(&service, body, &format!("sha256={signature}")).await, 200);
    assert_eq!(
        send(&service, "test\n", &format!("sha256={signature}")).await,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_not_a_signature_is_refused_and_counted_and_nothing_is_kept() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let (_, body, right) = VECTORS[1];
    let flipped = format!("sha256={}", right.replacen('f', "0", 1));
    let doubled = format!("sha256={right},sha256={right}");
    let cases = [
        "",
        "sha256=",
        right,
        &format!("sha1={right}"),
        &format!("SHA256={right}"),
        &format!("sha256={}", right.trim_end_matches("a5")),
        &format!("sha256={right}00"),
        &format!("sha256={}", "g".repeat(64)),
        &flipped,
        &doubled,
    ];
    let refused = service
        .metric("webhook_signature_invalid_total", &["whatsapp"])
        .await;
    for header in cases {
        assert_eq!(send(&service, body, header).await, 403, "{header}");
    }
    assert_eq!(status(service.whatsapp(body)).await, 403);
    let latin = reqwest::header::HeaderValue::from_bytes(b"sha256=\xf1").unwrap();
    assert_eq!(
        status(service.whatsapp(body).header("x-hub-signature-256", latin)).await,
        403
    );
    // The legacy header alone proves nothing.
    assert_eq!(
        status(
            service
                .whatsapp(body)
                .header("x-hub-signature", format!("sha1={right}"))
        )
        .await,
        403
    );

    assert!(stores.deliveries().await.is_empty());
    let counted = service
        .metric("webhook_signature_invalid_total", &["whatsapp"])
        .await;
    assert!(13.0 <= counted - refused, "{refused} {counted}");
    assert_eq!(
        send(&service, body, &format!("sha256={}", right.to_uppercase())).await,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_do_not_understand_is_kept_and_acknowledged() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let bodies = [
        r#"{"object":"whatsapp_business_account","entry":[]}"#,
        r#"{"entry":[{"changes":[{"field":"unheard_of","value":{}}]}]}"#,
        r"{}",
        r#"["anything"]"#,
        "null",
    ];
    for body in bodies {
        assert_eq!(
            status(service.signed_whatsapp(body.as_bytes())).await,
            200,
            "{body}"
        );
    }
    let kept = stores.deliveries().await;
    assert!(
        kept.iter()
            .all(|delivery| delivery.verdict == "authentic" && delivery.source == "whatsapp")
    );
    let ids: BTreeSet<&String> = kept.iter().map(|delivery| &delivery.id).collect();
    let events = stores.events().await;
    let about: BTreeSet<&String> = events.iter().map(|event| &event.about).collect();
    assert_eq!((events.len(), about), (bodies.len(), ids));
    assert!(
        events
            .iter()
            .all(|event| event.name == "webhook.whatsapp_received.v1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_delivery_that_is_not_json_is_kept_for_a_person() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for body in [&b"<xml/>"[..], b"", b"{\"cut\":", b"\xff\xfe\x00"] {
        assert_eq!(status(service.signed_whatsapp(body)).await, 200);
    }
    let kept = stores.deliveries().await;
    assert_eq!(kept.len(), 4);
    for delivery in kept {
        assert_eq!(
            (delivery.verdict.as_str(), delivery.outcome.as_deref()),
            ("dead", Some("not_json"))
        );
        let replayed = service.staff(
            reqwest::Method::POST,
            &format!("/deliveries/{}/replay", delivery.id),
        );
        assert_eq!(status(replayed).await, 409);
    }
    assert!(stores.events().await.is_empty());
    assert!(1.0 <= service.metric("webhook_dead_total", &["whatsapp"]).await);
}
