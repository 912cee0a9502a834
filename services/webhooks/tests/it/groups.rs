use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use testkit::proxy::Fault;
use testkit::{Proxy, wait_until};

use crate::world::{CONFIGURED, SOON, Service, Stores, all_at_once, status};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many transactions have stored what is stored.
async fn transactions(stores: &Stores) -> i64 {
    let query = "SELECT count(DISTINCT xmin::text) AS count FROM webhook_deliveries";
    let mut conn = stores.database.conn().await;
    sql_query(query)
        .get_result::<Count>(&mut conn)
        .await
        .unwrap()
        .count
}

async fn execute(stores: &Stores, statement: &str) {
    let mut conn = stores.database.conn().await;
    sql_query(statement).execute(&mut conn).await.unwrap();
}

/// Twenty deliveries that are on their way at once: PostgreSQL stores none of them before all have come. Their
/// statuses.
#[expect(clippy::float_arithmetic, reason = "metrics are floats")]
async fn twenty_at_once(stores: &Stores, service: &Service) -> Vec<u16> {
    let mut conn = stores.database.conn().await;
    for statement in ["BEGIN", "LOCK TABLE webhook_deliveries IN EXCLUSIVE MODE"] {
        sql_query(statement).execute(&mut conn).await.unwrap();
    }
    let labels = ["mercadopago", "authentic"];
    let before = service.metric("webhook_deliveries_total", &labels).await;
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (id, query) = (number.to_string(), format!("data.id={number}&type=payment"));
        sending.spawn(status(service.signed_mercadopago(&query, Some(&id), "r", "{}")));
    }
    wait_until(SOON, async || {
        before + 20.0 <= service.metric("webhook_deliveries_total", &labels).await
    })
    .await;
    assert!(sending.try_join_next().is_none(), "answered before it was stored");
    sql_query("COMMIT").execute(&mut conn).await.unwrap();
    sending.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_come_at_once_are_stored_together_and_answered_after_that() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    assert_eq!(twenty_at_once(&stores, &service).await, [200; 20]);
    assert_eq!(
        (stores.deliveries().await.len(), stores.events().await.len()),
        (20, 20)
    );
    let transactions = transactions(&stores).await;
    assert!(transactions <= 4, "{transactions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgresql_refuses_waits_in_rabbitmq_and_its_neighbours_are_stored() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    service.until_connected().await;
    let refuse = "ALTER TABLE webhook_deliveries ADD CONSTRAINT no_thirteen CHECK (resource_id <> '13')";
    execute(&stores, refuse).await;
    assert_eq!(twenty_at_once(&stores, &service).await, [200; 20]);
    let deliveries = stores.deliveries().await;
    assert_eq!(deliveries.len(), 19);
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.resource_id.as_deref() != Some("13"))
    );
    for (store, at_least) in [("postgresql", 19.0), ("rabbitmq", 1.0)] {
        let labels = ["mercadopago", store];
        assert!(at_least <= service.metric("webhook_deliveries_kept_total", &labels).await);
    }

    // Once it is let in, it is stored like the others.
    execute(
        &stores,
        "ALTER TABLE webhook_deliveries DROP CONSTRAINT no_thirteen",
    )
    .await;
    wait_until(SOON, async || stores.deliveries().await.len() == 20).await;
    assert_eq!(stores.events().await.len(), 20);
}

/// As if the process had died between the commit and the answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_and_never_acknowledged_is_there_once_when_it_has_been_sent_again() {
    let stores = Stores::new().await;
    let (database, url) = Proxy::before(stores.database.url()).await;
    let (rabbit, rabbit_url) = Proxy::before(&stores.rabbit.url()).await;
    let service = Service::start(&url, &rabbit_url, &CONFIGURED);
    service.until_ready().await;
    service.until_connected().await;
    let ten = || {
        let requests = (0..10).map(|number| service.signed_whatsapp(format!("[{number}]").as_bytes()));
        requests.collect()
    };
    // A connection that is open already, so that the statement itself gets through.
    assert_eq!(status(service.signed_whatsapp(b"[0]")).await, 200);
    database.set(Fault::StallAnswers);
    rabbit.set(Fault::Refuse);
    assert_eq!(all_at_once(ten()).await, [503; 10]);
    database.set(Fault::None);
    rabbit.set(Fault::None);
    wait_until(SOON, async || all_at_once(ten()).await == [200; 10]).await;
    assert_eq!(
        (stores.deliveries().await.len(), stores.events().await.len()),
        (10, 10)
    );
}
