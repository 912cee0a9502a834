use storage::outbox;
use storage::webhook_deliveries::{NewDelivery, Sequel, Source, Verdict, store_all};
use storage::{Context, webhook_deliveries};
use testkit::wait_until;
use time::Duration;

use crate::world::{CONFIGURED, SOON, Stores, now};

/// As if the events had been lost.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_nobody_worked_on_are_announced_again_once_by_all_replicas_together() {
    let stores = Stores::new().await;
    let received_at = now() - Duration::minutes(5);
    let context = Context::new(received_at, domain::reservation::Actor::System("test"), None);
    for (number, source) in [Source::Whatsapp, Source::Mercadopago]
        .into_iter()
        .cycle()
        .take(30)
        .enumerate()
    {
        let delivery = NewDelivery {
            id: outbox::new_id(received_at),
            source,
            dedupe_key: number.to_string(),
            query: String::new(),
            headers: serde_json::json!({}),
            body: Vec::new(),
            verdict: Verdict::Authentic,
            topic: Some("payment".to_owned()),
            resource_id: Some("1".to_owned()),
            received_at,
        };
        let mut conn = stores.database.conn().await;
        store_all(&mut conn, &[(&context, &delivery, Sequel::Idle("lost"))])
            .await
            .unwrap();
        webhook_deliveries::reopen(&mut conn, delivery.id).await.unwrap();
    }
    let replicas = [
        stores.service(&CONFIGURED).await,
        stores.service(&CONFIGURED).await,
        stores.service(&CONFIGURED).await,
    ];
    wait_until(SOON, async || 30 <= stores.events().await.len()).await;
    for replica in &replicas {
        wait_until(SOON, async || {
            1.0 <= replica
                .metric("job_runs_total", &["announce deliveries again", "done"])
                .await
        })
        .await;
    }
    let mut about: Vec<String> = stores
        .events()
        .await
        .into_iter()
        .map(|event| event.about)
        .collect();
    about.sort_unstable();
    about.dedup();
    assert_eq!((about.len(), stores.events().await.len()), (30, 30));
}
