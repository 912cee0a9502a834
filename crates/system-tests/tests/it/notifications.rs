//! One notification, many deliveries.

use std::time::Duration;

use serde_json::json;
use testkit::wait_until;

use crate::world::World;
use crate::world::provider::Payment;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_deliveries_of_one_notification_at_once_have_one_effect_and_fifty_200s() {
    let world = World::start().await;
    let hold = world.hold(world.lodging().await, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world
        .provider
        .pay(&link, &Payment::approved().silent())
        .await
        .unwrap();

    let notice = json!({ "data_id": payment.to_string(), "times": 50 });
    let (_, sent) = world
        .provider
        .order(
            "/mercadopago/notify",
            &json!({ "notices": [notice], "at_once": true }),
        )
        .await;

    let attempts = sent["attempts"].as_array().unwrap();
    let statuses: Vec<u64> = attempts
        .iter()
        .map(|attempt| attempt["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, vec![200; 50]);
    world.wait_for_status(&hold, "confirmed", SOON).await;
    world.wait_until_at_rest().await;
    assert_eq!(world.payments_of(&hold).await.len(), 1);
    let confirmed = |kind: &String| kind == "confirmed";
    assert_eq!(
        world.timeline(&hold).await.into_iter().filter(confirmed).count(),
        1
    );
    let events = world.events_of(&hold).await;
    for event in ["payment.approved.v1", "reservation.confirmed.v1"] {
        assert_eq!(
            events.iter().filter(|name| *name == event).count(),
            1,
            "{event} in {events:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_that_nobody_signed_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let hold = world.hold(world.lodging().await, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world
        .provider
        .pay(&link, &Payment::approved().silent())
        .await
        .unwrap();

    for forgery in ["unsigned", "wrong_secret", "data_id_twice"] {
        let notice = json!({ "data_id": payment.to_string(), "forgery": forgery });
        let (_, sent) = world
            .provider
            .order("/mercadopago/notify", &json!({ "notices": [notice] }))
            .await;
        assert_eq!(sent["attempts"][0]["status"], 403, "{forgery}");
    }
    wait_until(SOON, async || world.waits_in_outbox().await == 0).await;
    assert_eq!(world.payments_of(&hold).await, []);
}
