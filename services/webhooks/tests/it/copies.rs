use crate::world::{CONFIGURED, Stores, all_at_once};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_copies_at_once_are_one_row_one_event_and_fifty_times_200() {
    let stores = Stores::new().await;
    // Two replicas, as in production.
    let (one, two) = (
        stores.service(&CONFIGURED).await,
        stores.service(&CONFIGURED).await,
    );
    let whatsapp = (0..50).map(|number| {
        let service = if number % 2 == 0 { &one } else { &two };
        service.signed_whatsapp(br#"{"object":"whatsapp_business_account","entry":[]}"#)
    });
    let mercadopago = (0..50).map(|number| {
        let service = if number % 2 == 0 { &one } else { &two };
        service.signed_mercadopago("data.id=5&type=payment", Some("5"), "r", "{}")
    });
    let answers = all_at_once(whatsapp.chain(mercadopago).collect()).await;
    assert_eq!(answers, [200; 100]);

    let kept = stores.deliveries().await;
    let mut sources: Vec<&str> = kept.iter().map(|delivery| delivery.source.as_str()).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["mercadopago", "whatsapp"]);
    let mut names: Vec<String> = stores
        .events()
        .await
        .into_iter()
        .map(|event| event.name)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["webhook.mercadopago_notified.v1", "webhook.whatsapp_received.v1"]
    );
}
