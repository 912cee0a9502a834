//! Everything at once, in an order that nobody chose.

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reservations::use_cases::expire_holds::expire_holds;
use time::macros::date;
use time::{Date, Duration};

use crate::calendars;
use crate::desk::{Desk, Held};
use crate::house::{House, wish};

const TASKS: u64 = 6;
const STEPS: usize = 30;
const LODGINGS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_held_cancelled_expired_confirmed_and_imported_at_once_no_night_is_shared() {
    for seed in [1, 2, 3] {
        let house = House::new().await;
        let desk = house.open().await;
        let mut lodgings = Vec::new();
        for _ in 0..LODGINGS {
            lodgings.push(desk.lodging().await);
        }
        let feeds = calendars::feeds(&house, &lodgings).await;
        let tasks = (0..TASKS).map(|task| live(&house, &desk, &lodgings, &feeds, seed * 1_000 + task));
        join_all(tasks).await;
        nights_are_shared_by_nobody(&house, seed).await;
        events_and_timelines_tell_the_same_story(&house, seed).await;
    }
}

/// One of those who do something all the time.
async fn live(house: &House, desk: &Desk, lodgings: &[i64], feeds: &[i64], seed: u64) {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut mine: Vec<Held> = Vec::new();
    let mut blocks = Vec::new();
    for _ in 0..STEPS {
        house.clock.advance(Duration::milliseconds(1));
        let place = chance.random_range(0..LODGINGS);
        let check_in = date!(2026 - 04 - 01) + Duration::days(chance.random_range(0..24));
        let check_out = check_in + Duration::days(chance.random_range(1..5));
        match chance.random_range(0..100) {
            0..55 => mine.extend(try_to_hold(desk, lodgings[place], check_in, check_out).await),
            55..70 => {
                if let Some(held) = pick(&mut chance, &mut mine) {
                    let status = desk.cancel(&held).await.status;
                    assert!(status == 200 || status == 409, "cancel: {status}");
                }
            }
            70..80 => {
                if let Some(held) = pick(&mut chance, &mut mine) {
                    let status = desk.confirm_by_hand(&held.code).await.status;
                    assert!(status == 200 || status == 409, "confirm: {status}");
                    mine.push(held);
                }
            }
            80..88 => {
                let nights = (check_in, check_out);
                blocks.extend(calendars::block_if_free(house, lodgings[place], feeds[place], nights).await);
            }
            88..94 => {
                if let Some(block) = blocks.pop() {
                    calendars::unblock(house, block).await;
                }
            }
            _ => {
                house.clock.advance(Duration::minutes(12));
                let mut conn = house.database.conn().await;
                let expired = expire_holds(&mut conn, &house.context(), &house.policy()).await;
                expired.unwrap();
            }
        }
    }
}

async fn try_to_hold(desk: &Desk, lodging: i64, check_in: Date, check_out: Date) -> Option<Held> {
    let wish = wish(lodging, &check_in.to_string(), &check_out.to_string());
    let answer = desk.hold(&wish).await;
    match answer.status {
        201 => Some(Held::of(&answer)),
        status => {
            assert_eq!(status, 409, "{}", answer.text);
            None
        }
    }
}

fn pick(chance: &mut StdRng, mine: &mut Vec<Held>) -> Option<Held> {
    (!mine.is_empty()).then(|| mine.swap_remove(chance.random_range(0..mine.len())))
}

async fn nights_are_shared_by_nobody(house: &House, seed: u64) {
    let by_stays = "SELECT count(*) FROM reservations one JOIN reservations other USING (accommodation_id) \
        WHERE one.id < other.id AND one.period && other.period \
        AND one.reservation_status IN ('pre_reserved', 'confirmed') \
        AND other.reservation_status IN ('pre_reserved', 'confirmed')";
    let by_blocks = "SELECT count(*) FROM reservations stay JOIN calendar_blocks block USING (accommodation_id) \
        WHERE stay.period && block.period AND block.removed_at IS NULL \
        AND stay.reservation_status IN ('pre_reserved', 'confirmed')";
    let shared = (house.number(by_stays).await, house.number(by_blocks).await);
    assert_eq!(shared, (0, 0), "seed {seed}");
    let busy = "SELECT count(*) FROM reservations";
    assert!(20 < house.number(busy).await, "seed {seed}: too little happened");
}

/// Each change wrote one line and one event, and the last line is the state.
async fn events_and_timelines_tell_the_same_story(house: &House, seed: u64) {
    let events = "SELECT code || ' ' || split_part(name, '.', 2) FROM outbox_events \
        JOIN reservations ON code = correlation_id ORDER BY 1";
    let lines = "SELECT code || ' ' || CASE kind WHEN 'revived' THEN 'confirmed' ELSE kind END \
        FROM reservation_timeline JOIN reservations ON reservations.id = reservation_id ORDER BY 1";
    assert_eq!(house.words(events).await, house.words(lines).await, "seed {seed}");
    let contradictions = "SELECT count(*) FROM reservations JOIN LATERAL ( \
            SELECT kind FROM reservation_timeline WHERE reservation_id = reservations.id ORDER BY id DESC LIMIT 1 \
        ) AS last ON true \
        WHERE reservation_status <> CASE kind WHEN 'held' THEN 'pre_reserved' ELSE kind END";
    assert_eq!(house.number(contradictions).await, 0, "seed {seed}");
}
