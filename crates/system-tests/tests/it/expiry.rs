//! The end of a hold, and money that comes around it, while three replicas end holds.

use std::time::Duration;

use serde_json::Value;
use testkit::wait_until;
use time::OffsetDateTime;

use crate::world::guest::Hold;
use crate::world::provider::Payment;
use crate::world::{Service, World};

const SOON: Duration = Duration::from_secs(30);

/// How many holds end at the same moment, half of them with another guest after them.
const HOLDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_a_second_before_the_end_confirms() {
    let outcomes = paid_around_the_end(-time::Duration::SECOND).await;
    for outcome in outcomes {
        assert_eq!(outcome.status, "confirmed", "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_at_the_very_end_ends_in_a_stay_or_goes_back() {
    for outcome in paid_around_the_end(time::Duration::ZERO).await {
        outcome.is_whole();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_a_second_after_the_end_ends_in_a_stay_or_goes_back() {
    for outcome in paid_around_the_end(time::Duration::SECOND).await {
        outcome.is_whole();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_an_hour_late_revives_the_stay_or_goes_back_if_the_nights_are_sold() {
    for outcome in paid_around_the_end(time::Duration::HOUR).await {
        outcome.is_whole();
        let wanted = if outcome.sold_again {
            "expired"
        } else {
            "confirmed"
        };
        assert_eq!(outcome.status, wanted, "{outcome:?}");
    }
}

/// What became of a hold and its money.
#[derive(Debug)]
struct Outcome {
    /// Whether another guest held the nights when they were free.
    sold_again: bool,
    status: String,
    /// What the provider holds for us and what it gave back.
    money: (i64, i64),
    deposit: i64,
    timeline: Vec<String>,
}

impl Outcome {
    /// Confirmed and paid, or ended and given back; never both, never neither.
    fn is_whole(&self) {
        let settled = |kind: &&String| ["confirmed", "revived"].contains(&kind.as_str());
        let times = self.timeline.iter().filter(settled).count();
        match self.status.as_str() {
            "confirmed" => {
                assert_eq!(self.money, (self.deposit, 0), "{self:?}");
                assert_eq!(times, 1, "{self:?}");
            }
            "expired" => {
                assert_eq!(self.money, (0, self.deposit), "{self:?}");
                assert_eq!(times, 0, "{self:?}");
            }
            _ => panic!("{self:?}"),
        }
    }
}

/// Holds end while three replicas look for such, and are paid at `offset` from their end.
async fn paid_around_the_end(offset: time::Duration) -> Vec<Outcome> {
    let world = World::start().await;
    let _replicas = [2, 3].map(|number| world.replica(Service::Reservations, number));
    let mut holds = Vec::new();
    for number in 0..HOLDS {
        let lodging = world.lodging().await;
        let hold = world.hold(lodging, 10, 2).await.unwrap();
        holds.push((number, lodging, world.link(&hold).await, hold));
    }
    let end = holds[0].3.expires_at;

    // Everybody at once: the guests pay, the clock reaches the end, the expirers run, others want the nights.
    world.move_to(end + offset.min(-time::Duration::SECOND)).await;
    if time::Duration::SECOND < offset {
        world.move_to(end + time::Duration::SECOND).await;
        wait_until(SOON, async || none_is(&world, &holds, "pre_reserved").await).await;
    }
    world.move_to(end + offset).await;
    let play = holds.iter().map(|(number, lodging, link, hold)| {
        let world = &world;
        async move {
            let sold_again = number % 2 == 0 && world.hold(*lodging, 11, 2).await.is_ok();
            let pay = Payment::approved().whenever();
            world.provider.pay(link, &pay).await.unwrap();
            (sold_again, hold)
        }
    });
    let played = futures_util::future::join_all(play).await;
    settle(&world, end, &holds).await;

    let payments = world.provider.payments().await;
    let mut outcomes = Vec::new();
    for (sold_again, hold) in played {
        let of_it = payments
            .iter()
            .find(|payment| payment["external_reference"] == hold.code.as_str());
        outcomes.push(Outcome {
            sold_again,
            status: world.reservation(hold).await.status.as_str().to_owned(),
            money: money(of_it.unwrap()),
            deposit: hold.deposit_minor,
            timeline: world.timeline(hold).await,
        });
    }
    outcomes
}

fn money(payment: &Value) -> (i64, i64) {
    let minor = crate::world::provider::minor;
    let refunded = minor(&payment["transaction_amount_refunded"]);
    (minor(&payment["transaction_amount"]) - refunded, refunded)
}

/// Lets every payment be judged and every refund be made.
async fn settle<T, U>(world: &World, end: OffsetDateTime, holds: &[(usize, T, U, Hold)]) {
    world.wait_until_at_rest().await;
    if world.now() < end + time::Duration::minutes(1) {
        world.move_to(end + time::Duration::minutes(1)).await;
    }
    wait_until(SOON, async || {
        none_is(world, holds, "pre_reserved").await && world.refunds_open().await == 0
    })
    .await;
    world.wait_until_at_rest().await;
}

async fn none_is<T, U>(world: &World, holds: &[(usize, T, U, Hold)], status: &str) -> bool {
    for (_, _, _, hold) in holds {
        if world.reservation(hold).await.status.as_str() == status {
            return false;
        }
    }
    true
}
