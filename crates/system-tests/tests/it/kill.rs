//! Services that die while guests pay.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use rand::Rng as _;
use testkit::{wait_for, wait_until};

use crate::world::provider::Payment;
use crate::world::{Service, World};

const BOOKINGS: i64 = 500;
const KILLS: usize = 20;

/// How many guests are at it at the same time.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_bookings_are_confirmed_once_though_payments_and_reservations_die_twenty_times() {
    let world = World::start().await;
    let began = Instant::now();

    let booked = stream::iter(0..BOOKINGS).for_each_concurrent(AT_ONCE, |_| book(&world));
    let killed = async {
        let mut kills = 0;
        while kills < KILLS {
            let (service, after) = {
                let mut random = rand::rng();
                let service = [Service::Payments, Service::Reservations][random.random_range(0..2)];
                (service, Duration::from_millis(random.random_range(200..1_600)))
            };
            tokio::time::sleep(after).await;
            world.kill(service);
            world.start_service(service);
            kills += 1;
        }
    };
    // The world's clock runs meanwhile: what a dead service had in hand is somebody else's only after a while.
    let runs = async {
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            world.advance(time::Duration::seconds(5)).await;
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(booked, killed) } => {}
        () = runs => unreachable!("the clock never stops"),
    }
    println!(
        "{BOOKINGS} booked and paid, {KILLS} kills in {:.1} s",
        began.elapsed().as_secs_f32()
    );

    world.wait_until_ready().await;
    // What a dead service had in hand is its own again when its lease is over, and what nobody heard of is asked about.
    wait_until(Duration::from_mins(1), async || {
        world.advance(time::Duration::seconds(10)).await;
        world.unsettled().await == 0
    })
    .await;
    world.wait_until_at_rest().await;
    let (confirmed, paid) = world.confirmed_and_paid().await;
    assert_eq!((confirmed, paid), (BOOKINGS, BOOKINGS));
    assert_eq!(world.payments_known().await, BOOKINGS);
    assert_eq!(world.settled_more_than_once().await, 0);
    assert_eq!(world.refunds_made().await, 0);
    println!("all settled after {:.1} s", began.elapsed().as_secs_f32());
}

/// A guest holds, asks for the link until it comes, and pays.
async fn book(world: &World) {
    let lodging = world.lodging().await;
    let key = uuid::Uuid::new_v4().to_string();
    let hold = wait_for(Duration::from_secs(30), async || {
        // An answer that is lost is asked for again, with the same key.
        world.hold_with(&key, lodging, 10, 2).await.ok()
    })
    .await;
    let link = world.link(&hold).await;
    world.provider.pay(&link, &Payment::approved()).await.unwrap();
}
