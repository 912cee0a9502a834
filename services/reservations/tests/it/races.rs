//! Many guests at once.

use futures_util::future::join_all;
use time::macros::date;

use crate::house::{House, wish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_guests_who_want_a_night_in_common_exactly_one_gets_it() {
    let house = House::new().await;
    let desk = house.open().await;
    for seed in 0..6_i64 {
        let lodging = desk.lodging().await;
        // All want the night of April 12th, few the same stay as another.
        let wishes = (0..50).map(|guest| {
            let check_in = date!(2026 - 04 - 12) - time::Duration::days((guest * 7 + seed) % 10);
            let check_out = date!(2026 - 04 - 13) + time::Duration::days((guest / 10 + seed) % 8);
            wish(lodging, &check_in.to_string(), &check_out.to_string())
        });
        let wishes: Vec<_> = wishes.collect();
        let answers = join_all(wishes.iter().map(|wish| desk.hold(wish))).await;
        let held = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(held, 1, "seed {seed}");
        // Whoever waits for a deadlock, or too long for a lock, is told to try again.
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(
                refused.refusal(),
                (409, "nights_taken", "check_in"),
                "seed {seed}"
            );
        }
    }
    let stays = "SELECT count(*) FROM reservations WHERE reservation_status = 'pre_reserved'";
    assert_eq!(house.number(stays).await, 6);
    assert_eq!(house.database.outbox().await, ["reservation.held.v1"; 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_sell_every_night_of_a_week_once() {
    let house = House::new().await;
    let (first, second) = (house.open().await, house.open().await);
    let lodging = first.lodging().await;
    let nights: Vec<_> = (1..=7).flat_map(|day| [day; 6]).enumerate().collect();
    let answers = join_all(nights.iter().map(async |(guest, day)| {
        let desk = if guest % 2 == 0 { &first } else { &second };
        let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
        desk.hold(&wish(lodging, &check_in, &check_out)).await.status
    }))
    .await;
    let with = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((with(201), with(409)), (7, 35), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_contact_gets_three_unpaid_holds_however_many_it_asks_for_at_once() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging().await;
    let spellings = ["ana@correo.com.ar", "Ana@Correo.com.ar", "ANA@CORREO.COM.AR"];
    let wishes: Vec<_> = (1..=12_usize)
        .map(|day| {
            let (check_in, check_out) = (format!("2026-04-{day:02}"), format!("2026-04-{:02}", day + 1));
            let mut wish = wish(lodging, &check_in, &check_out);
            wish["contact_email"] = spellings[day % 3].into();
            wish
        })
        .collect();
    let answers = join_all(wishes.iter().map(|wish| desk.hold(wish))).await;
    let held = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(held, 3);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.refusal().1, "too_many_holds");
    }
}
