use storage::webhook_deliveries::{NewDelivery, Sequel, Source, Verdict, reopen, store_all};
use storage::{Context, outbox};
use testkit::wait_until;
use time::Duration;

use crate::world::{CONFIGURED, SOON, Stores, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_was_dealt_with_is_kept_for_ninety_days_and_one_that_waits_for_ever() {
    let stores = Stores::new().await;
    let mut conn = stores.database.conn().await;
    for (key, days) in [("old", 91), ("waits", 91), ("younger", 89)] {
        let received_at = now() - Duration::days(days);
        let context = Context::new(received_at, domain::reservation::Actor::System("test"), None);
        let delivery = NewDelivery {
            id: outbox::new_id(received_at),
            source: Source::Mercadopago,
            dedupe_key: key.to_owned(),
            query: String::new(),
            headers: serde_json::json!({}),
            body: Vec::new(),
            verdict: Verdict::Authentic,
            topic: Some("payment".to_owned()),
            resource_id: Some(key.to_owned()),
            received_at,
        };
        let entry = (&context, &delivery, Sequel::Idle("done"));
        store_all(&mut conn, &[entry]).await.unwrap();
        if key == "waits" {
            reopen(&mut conn, delivery.id).await.unwrap();
        }
    }
    let service = stores.service(&CONFIGURED).await;
    wait_until(SOON, async || {
        1.0 <= service
            .metric("job_runs_total", &["forget deliveries", "done"])
            .await
    })
    .await;
    let kept = stores.deliveries().await;
    let kept: Vec<_> = kept
        .iter()
        .filter_map(|delivery| delivery.resource_id.as_deref())
        .collect();
    assert_eq!(kept, ["waits", "younger"]);
}
