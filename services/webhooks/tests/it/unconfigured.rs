use crate::world::{Stores, VERIFY_TOKEN, status};

#[tokio::test(flavor = "multi_thread")]
async fn without_secrets_the_service_runs_and_believes_nobody() {
    let stores = Stores::new().await;
    let service = stores.service(&[]).await;
    let handshake = format!("hub.mode=subscribe&hub.challenge=1&hub.verify_token={VERIFY_TOKEN}");
    for _time in 0..3 {
        let answers = [
            service.handshake(&handshake).await,
            service
                .handshake("hub.mode=subscribe&hub.challenge=1&hub.verify_token=")
                .await,
            service.signed_whatsapp(b"{}").send().await.unwrap(),
            service
                .signed_mercadopago("data.id=1&type=payment", Some("1"), "r", "{}")
                .send()
                .await
                .unwrap(),
            service
                .mercadopago("id=1&topic=payment", "")
                .send()
                .await
                .unwrap(),
        ];
        for answer in answers {
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
            let problem: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "not_configured");
        }
    }
    assert!(stores.deliveries().await.is_empty());
    assert_eq!(status(service.get("/healthz")).await, 200);
    for variable in [
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_VERIFY_TOKEN",
        "MERCADOPAGO_WEBHOOK_SECRET",
    ] {
        let warning = format!("{variable} is not set");
        let said = telemetry::logs::captured()
            .into_iter()
            .filter(|line| line.contains(&warning));
        assert_eq!(said.count(), 1, "{variable}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_provider_works_without_the_other() {
    let stores = Stores::new().await;
    let service = stores
        .service(&[("MERCADOPAGO_WEBHOOK_SECRET", "doc-mp-secret")])
        .await;
    assert_eq!(status(service.signed_whatsapp(b"{}")).await, 503);
    let webhook = service.signed_mercadopago("data.id=1&type=payment", Some("1"), "r", "{}");
    assert_eq!(status(webhook).await, 200);
}
