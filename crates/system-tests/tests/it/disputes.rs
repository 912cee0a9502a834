//! Disputes that outlast the stay that they are about.

use std::time::Duration;

use domain::payment::PaymentState;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deposit_that_is_disputed_while_its_stay_is_cancelled_waits_for_a_person_and_revives_nothing() {
    let world = World::start().await;
    let hold = world.hold(world.lodging().await, 30, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world.provider.pay(&link, &Payment::approved()).await.unwrap();
    world.wait_for_status(&hold, "confirmed", SOON).await;
    let path = format!("/mercadopago/payments/{payment}");
    let claim = json!({ "kind": "claim" });
    world.provider.order(&format!("{path}/dispute"), &claim).await;
    wait_until(SOON, async || {
        world.show(&hold).await["payment_status"] == "disputed"
    })
    .await;

    assert_eq!(world.cancel(&hold).await.status, 200);
    world.advance(time::Duration::minutes(1)).await;
    world
        .provider
        .order(&path, &json!({ "status": "approved" }))
        .await;

    wait_until(SOON, async || {
        world.payments_of(&hold).await[0].state == PaymentState::Approved
    })
    .await;
    world.wait_until_at_rest().await;
    assert!(world.parked_payment_id(payment).await.is_some());
    assert_eq!(world.show(&hold).await["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_from_a_dispute_counts_although_another_payment_has_confirmed_the_stay() {
    let world = World::start().await;
    let hold = world.hold(world.lodging().await, 30, 2).await.unwrap();
    let link = world.link(&hold).await;
    let half = Payment::approved().of(hold.deposit_minor / 2);
    let first = world.provider.pay(&link, &half).await.unwrap();
    wait_until(SOON, async || {
        world.show(&hold).await["payment_status"] == "partially_paid"
    })
    .await;
    let path = format!("/mercadopago/payments/{first}");
    let claim = json!({ "kind": "claim" });
    world.provider.order(&format!("{path}/dispute"), &claim).await;
    wait_until(SOON, async || {
        world.show(&hold).await["payment_status"] == "disputed"
    })
    .await;

    let whole = Payment::approved().of(hold.deposit_minor);
    world.provider.pay(&link, &whole).await.unwrap();
    world.wait_for_status(&hold, "confirmed", SOON).await;
    world.advance(time::Duration::minutes(1)).await;
    world
        .provider
        .order(&path, &json!({ "status": "approved" }))
        .await;

    let all = hold.deposit_minor + hold.deposit_minor / 2;
    wait_until(SOON, async || world.reservation(&hold).await.paid.minor() == all).await;
}
