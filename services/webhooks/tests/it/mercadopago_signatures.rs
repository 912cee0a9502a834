use secrecy::SecretString;

use crate::world::{CONFIGURED, Service, Stores, WEBHOOK_SECRET, status};

const R: &str = "0f2d6a1e-5f0c-4b7d-9a63-2c1e8b7f4d55";
const SECONDS: &str = "1760000000";

async fn send(service: &Service, query: &str, request_id: Option<&str>, signature: &str) -> u16 {
    let request = service.mercadopago(query, "{}").header("x-signature", signature);
    let request = match request_id {
        Some(id) => request.header("x-request-id", id),
        None => request,
    };
    status(request).await
}

/// The contract's worked vectors. They are of October 2025: stale, and worked on all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_worked_vectors_verify_also_when_they_are_old() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let milliseconds = "1760000000123";
    let number = "data.id=90000000017&type=payment";
    let letters = "data.id=ORD01ABCDEF&type=payment";
    let cases = [
        (
            number,
            Some(R),
            SECONDS,
            "8bf42696b2ee45db260d2210c1808b0dad79788e0de93ffdb331dad1641c0994",
        ),
        (
            number,
            Some(R),
            milliseconds,
            "7de986ca4ce4f8fe20676b528798a8c8c7a88daaa1255998efb8983dee991b1b",
        ),
        (
            number,
            None,
            SECONDS,
            "d5294706698e6f04c25a9807de488c14ce4b8f47e137a07d74ca3c181bedb895",
        ),
        (
            "type=payment",
            Some(R),
            SECONDS,
            "2fa1f663edc3977ccb7b14d0bfc2466a2557714232c04c6aae60bf1d341cf796",
        ),
        (
            "type=payment",
            None,
            SECONDS,
            "8b272e997e22bc2266c505723bc9da060d70ebc835d9cd7e2eb94c296e9179be",
        ),
        (
            letters,
            Some(R),
            SECONDS,
            "a5b8c9d618183966fe0063ff2a62a32df699814829177821649eb991015c5366",
        ),
        (
            letters,
            Some(R),
            SECONDS,
            "0ab68055257a15e904f6d759e7762231ad52e43e176410e0384d0bda40085c00",
        ),
        // Made with the other of the two secrets, as while a rotation spreads.
        (
            number,
            Some(R),
            SECONDS,
            "407a797c87c4b16f6ade1249c9b7018f4c0a4f6ce613d65953c7dad6f39222f1",
        ),
    ];
    for (query, request_id, ts, v1) in cases {
        let signature = format!("ts={ts},v1={v1}");
        assert_eq!(
            send(&service, query, request_id, &signature).await,
            200,
            "{query} {signature}"
        );
        // The next digit of the time is another text.
        let shifted = format!("ts={},v1={v1}", ts.replacen('7', "8", 1));
        assert_eq!(
            send(&service, query, request_id, &shifted).await,
            403,
            "{query} {shifted}"
        );
    }
    let kept = stores.deliveries().await;
    assert!(kept.iter().all(|delivery| delivery.verdict == "authentic"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_rotation_the_former_secret_proves_nothing() {
    let stores = Stores::new().await;
    let service = stores
        .service(&[("MERCADOPAGO_WEBHOOK_SECRET", "doc-mp-secret-next")])
        .await;
    let query = "data.id=90000000017&type=payment";
    let former = "ts=1760000000,v1=8bf42696b2ee45db260d2210c1808b0dad79788e0de93ffdb331dad1641c0994";
    let present = "ts=1760000000,v1=407a797c87c4b16f6ade1249c9b7018f4c0a4f6ce613d65953c7dad6f39222f1";
    assert_eq!(send(&service, query, Some(R), former).await, 403);
    assert_eq!(send(&service, query, Some(R), present).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_does_not_verify_is_refused_and_counted_and_nothing_is_kept() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let query = "data.id=90000000017&type=payment";
    let v1 = "8bf42696b2ee45db260d2210c1808b0dad79788e0de93ffdb331dad1641c0994";
    let before = service
        .metric("webhook_signature_invalid_total", &["mercadopago"])
        .await;
    let headers = [
        String::new(),
        format!("v1={v1}"),
        format!("ts={SECONDS}"),
        format!("ts=17600000001,v1={v1}"),
        format!("ts=176000000,v1={v1}"),
        format!("ts=+176000000,v1={v1}"),
        format!("ts={SECONDS},ts={SECONDS},v1={v1}"),
        format!("ts={SECONDS},v1={v1},v1={v1}"),
        format!("ts={SECONDS},v1={}", v1.trim_end_matches("94")),
        format!("ts={SECONDS},v1={}", "0".repeat(64)),
        format!("ts={SECONDS},v2={v1}"),
    ];
    for header in &headers {
        assert_eq!(send(&service, query, Some(R), header).await, 403, "{header}");
    }
    let right = format!("ts={SECONDS},v1={v1}");
    assert_eq!(status(service.mercadopago(query, "{}")).await, 403);
    assert_eq!(send(&service, query, Some("another"), &right).await, 403);
    assert_eq!(send(&service, query, None, &right).await, 403);
    assert_eq!(
        send(&service, "data.id=90000000018&type=payment", Some(R), &right).await,
        403
    );
    // Given twice, nobody knows which of them was signed.
    assert_eq!(
        send(
            &service,
            "data.id=90000000017&data.id=1&type=payment",
            Some(R),
            &right
        )
        .await,
        403
    );
    assert_eq!(
        send(
            &service,
            "data.id=90000000017&data%2Eid=90000000017",
            Some(R),
            &right
        )
        .await,
        403
    );
    // An IPN's fields do not lead around the signature.
    assert_eq!(
        send(&service, &format!("{query}&id=1&topic=payment"), Some(R), "").await,
        403
    );
    let latin = reqwest::header::HeaderValue::from_bytes(b"ts=1760000000,v1=\xf1").unwrap();
    let not_ascii = service.mercadopago(query, "{}").header("x-signature", latin);
    assert_eq!(status(not_ascii).await, 403);

    assert!(stores.deliveries().await.is_empty());
    let counted = service
        .metric("webhook_signature_invalid_total", &["mercadopago"])
        .await
        - before;
    assert!(19.0 <= counted, "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_is_read_with_spaces_in_any_order_and_with_parts_of_tomorrow() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let v1 = "8bf42696b2ee45db260d2210c1808b0dad79788e0de93ffdb331dad1641c0994";
    let headers = [
        format!("v1={v1},ts={SECONDS}"),
        format!(" ts = {SECONDS} , v1 = {v1} "),
        format!("ts={SECONDS},v2=abc,v1={}", v1.to_uppercase()),
    ];
    for header in headers {
        let sent = send(
            &service,
            "ours=1&data%2Eid=90000000017&type=payment",
            Some(R),
            &header,
        )
        .await;
        assert_eq!(sent, 200, "{header}");
    }
    // Three writings of one signature are one delivery.
    assert_eq!(stores.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_signed_anew_is_a_reason_of_its_own_to_look() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    for attempt in 0..3 {
        service.clock.advance(time::Duration::minutes(16));
        let ts = service.clock.now().unix_timestamp().to_string();
        let (secret, request_id) = (SecretString::from(WEBHOOK_SECRET), format!("r-{attempt}"));
        let signature = mercadopago::signature::sign(&secret, Some("5"), Some(&request_id), &ts);
        let sent = send(&service, "data.id=5&type=payment", Some(&request_id), &signature).await;
        assert_eq!(sent, 200);
    }
    assert_eq!(
        (stores.deliveries().await.len(), stores.events().await.len()),
        (3, 3)
    );
}
