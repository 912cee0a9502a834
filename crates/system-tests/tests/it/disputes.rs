//! Disputes that outlast the stay that they are about.

use std::time::Duration;

use serde_json::json;
use testkit::wait_until;

use crate::world::World;
use crate::world::provider::Payment;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn part_of_a_deposit_that_comes_back_from_a_dispute_after_the_hold_has_ended_goes_back() {
    let world = World::start().await;
    let hold = world.hold(world.lodging().await, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let half = Payment::approved().of(hold.deposit_minor / 2);
    let payment = world.provider.pay(&link, &half).await.unwrap();
    wait_until(SOON, async || {
        world.show(&hold).await["payment_status"] == "partially_paid"
    })
    .await;

    let path = format!("/mercadopago/payments/{payment}");
    world
        .provider
        .order(&format!("{path}/dispute"), &json!({ "kind": "claim" }))
        .await;
    wait_until(SOON, async || {
        world.show(&hold).await["payment_status"] == "disputed"
    })
    .await;
    wait_until(SOON, async || {
        world.advance(time::Duration::hours(1)).await;
        world.show(&hold).await["status"] == "expired"
    })
    .await;
    world
        .provider
        .order(&path, &json!({ "status": "approved" }))
        .await;

    wait_until(SOON, async || {
        world.advance(time::Duration::minutes(2)).await;
        world.provider.status_of(payment).await == "refunded"
    })
    .await;
}
