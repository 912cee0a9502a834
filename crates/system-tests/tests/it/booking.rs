//! One booking, from the hold to the confirmed stay.

use std::time::Duration;

use testkit::wait_until;

use crate::world::World;
use crate::world::provider::Payment;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_hold_becomes_a_confirmed_stay() {
    let world = World::start().await;
    let lodging = world.lodging().await;

    let hold = world.hold(lodging, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world.provider.pay(&link, &Payment::approved()).await.unwrap();

    world.wait_for_status(&hold, "confirmed", SOON).await;
    let stay = world.show(&hold).await;
    assert_eq!(stay["payment_status"], "paid");
    assert_eq!(stay["paid"], stay["quote"]["deposit"]);
    let books = world.payments_of(&hold).await;
    assert_eq!(books.len(), 1);
    assert_eq!(books[0].provider_payment_id, payment.to_string());
    assert_eq!(books[0].found_by.as_str(), "webhook");
    // The link's line is written by an event of its own, whenever that comes.
    wait_until(SOON, async || world.timeline(&hold).await.len() == 3).await;
    let mut timeline = world.timeline(&hold).await;
    timeline.sort();
    assert_eq!(timeline, ["confirmed", "held", "payment_link_ready"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_notification_is_lost_confirms_all_the_same() {
    let world = World::start().await;
    let lodging = world.lodging().await;

    let hold = world.hold(lodging, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    world
        .provider
        .pay(&link, &Payment::approved().silent())
        .await
        .unwrap();
    // The provider is asked about an open link every three minutes.
    world.advance(time::Duration::minutes(4)).await;

    world.wait_for_status(&hold, "confirmed", SOON).await;
    let books = world.payments_of(&hold).await;
    assert_eq!(books[0].found_by.as_str(), "poll");
}
