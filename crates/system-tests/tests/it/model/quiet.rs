//! After the troubles: everything is whole again, the clock runs, and no guest does anything.

use std::time::{Duration, Instant};

use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::audit::audit;
use super::books::Books;
use super::trouble;
use super::walk::Walk;
use crate::world::{Service, World};

/// How far the clock moves, one after the other: past every rhythm of asking and every bound of keeping.
const MOVES: [time::Duration; 13] = [
    time::Duration::seconds(11),
    time::Duration::seconds(61),
    time::Duration::minutes(4),
    time::Duration::minutes(31),
    time::Duration::minutes(61),
    time::Duration::minutes(61),
    time::Duration::hours(6),
    time::Duration::hours(19),
    time::Duration::minutes(31),
    time::Duration::hours(24),
    time::Duration::hours(2),
    time::Duration::minutes(61),
    time::Duration::minutes(61),
];

/// After which moves our books are compared with the provider's.
const COMPARISONS: [usize; 3] = [5, 7, 10];

/// How long the services may work after one move.
const WORK: Duration = Duration::from_millis(500);

/// How long they may work after the last one.
const LAST_WORK: Duration = Duration::from_secs(20);

/// Lets all come to rest, and tells what is wrong then.
pub(super) async fn settle(world: &World, walks: &mut [Walk]) -> Vec<String> {
    trouble::heal(world).await;
    let since = (world.now() - time::Duration::days(8)).format(&Rfc3339).unwrap();
    for (number, by) in MOVES.iter().enumerate() {
        end_refunds(world, walks).await;
        world.advance(*by).await;
        if COMPARISONS.contains(&number) {
            // As the job does, more often than the provider may still hide a payment; it finds what was paid so late
            // that nobody asks about its link any more.
            world
                .as_staff(
                    Service::Payments,
                    "/admin/payments/reconcile",
                    &json!({ "since": since }),
                )
                .await;
        }
        wrong_after(world, walks, WORK).await;
    }
    end_refunds(world, walks).await;
    wrong_after(world, walks, LAST_WORK).await
}

/// What is still wrong after at most `patience`.
async fn wrong_after(world: &World, walks: &[Walk], patience: Duration) -> Vec<String> {
    let deadline = Instant::now() + patience;
    loop {
        let wrong = audit(&Books::read(world, walks).await, walks);
        if wrong.is_empty() || deadline < Instant::now() {
            return wrong;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The provider ends the refunds that it is still working on.
async fn end_refunds(world: &World, walks: &[Walk]) {
    let books = Books::read(world, walks).await;
    for (refund, _, status) in books.theirs.values().flat_map(|payment| &payment.refunds) {
        if status == "in_process" {
            let path = format!("/mercadopago/refunds/{refund}");
            world
                .provider
                .order(&path, &json!({ "status": "approved" }))
                .await;
        }
    }
}
