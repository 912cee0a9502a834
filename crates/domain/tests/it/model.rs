//! The rules alone, under random guests, a random provider and a random clock: whatever the order in which facts
//! arrive, every approved peso ends in a stay, on its way back, or before a person, and no two stays share a night.
//!
//! `MODEL_SEEDS` sets how many sequences are played; a failure names the seed, and `MODEL_SEED` plays it alone.

mod house;
mod provider;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use time::Duration;

use domain::payment::PaymentState;
use house::House;
use provider::Provider;

#[test]
fn every_approved_peso_ends_in_a_stay_on_its_way_back_or_before_a_person() {
    if let Some(seed) = setting("MODEL_SEED") {
        return play(seed);
    }
    for seed in 0..setting("MODEL_SEEDS").unwrap_or(10_000) {
        play(seed);
    }
}

fn play(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut provider, mut house) = (Provider::default(), House::default());
    let mut story = Vec::new();
    for _ in 0..random.random_range(5..60) {
        story.push(step(&mut random, &mut provider, &mut house));
        if let Some(wrong) = house.broken_now() {
            panic!("seed {seed}: {wrong}\n{}", story.join("\n"));
        }
    }
    quiet(&mut provider, &mut house);
    if let Some(wrong) = house.broken_in_the_end(&provider) {
        panic!("seed {seed}: {wrong}\n{}", story.join("\n"));
    }
}

/// Somebody does something, or a fact arrives, or time passes.
fn step(random: &mut StdRng, provider: &mut Provider, house: &mut House) -> String {
    let some_payment = provider.any(random);
    let some_stay = house.any(random);
    match (random.random_range(0..14), some_payment, some_stay) {
        (0 | 1, _, _) | (_, _, None) => {
            let from = random.random_range(0..4);
            format!("held from day {from}: {:?}", house.hold(from))
        }
        (2..=4, _, Some(stay)) => {
            let deposit = house.owes(stay);
            let amount =
                [deposit, deposit, deposit, deposit - 1, deposit + 50][random.random_range(0..5)].max(1);
            let state = [
                PaymentState::Approved,
                PaymentState::Approved,
                PaymentState::Pending,
                PaymentState::Rejected,
            ];
            let state = state[random.random_range(0..4)].clone();
            let mark = random.random_range(0..12);
            format!("{} for stay {stay}", provider.pay(stay, amount, state, mark))
        }
        (5, Some(payment), _) => format!("payment {payment} moves: {:?}", provider.move_on(random, payment)),
        // A fact arrives: the newest, or a reading that has been under way for a while, once or more often.
        (6..=8, Some(payment), _) => {
            let readings = provider.readings(payment);
            let reading = readings[random.random_range(0..readings.len())].clone();
            for _ in 0..random.random_range(1..4) {
                house.read(payment, &reading);
            }
            format!("read of {payment}: {reading:?}")
        }
        (9, _, _) => {
            house.judge_all();
            "what was announced is judged".to_owned()
        }
        (10, _, _) => {
            house.make_refunds(provider, random.random_bool(0.5));
            "refunds are made, some answers are lost".to_owned()
        }
        (11, _, Some(stay)) => format!("cancelled {stay}: {:?}", house.cancel(stay)),
        (12, Some(payment), _) => {
            let part = random.random_range(1..60);
            format!(
                "payment {payment} is refunded there, {part}: {}",
                provider.refund_there(payment, part)
            )
        }
        _ => {
            let by =
                [1, 60, 29 * 60 + 59, 30 * 60, 30 * 60 + 1, 90 * 60, 25 * 3_600][random.random_range(0..7)];
            house.now += Duration::seconds(by);
            provider.now = provider.now.max(house.now);
            // The expirer asks the provider first, unless it is out of reach for longer than the grace.
            if random.random_bool(0.8) {
                house.read_newest(provider);
            }
            house.expire_holds();
            format!("{by} s pass")
        }
    }
}

/// Nothing new happens: all facts arrive, all work is done, all time passes.
fn quiet(provider: &mut Provider, house: &mut House) {
    for _ in 0..4 {
        provider.decide_all();
        house.read_newest(provider);
        house.judge_all();
        house.make_refunds(provider, false);
        house.now += Duration::hours(30);
        provider.now = provider.now.max(house.now);
        house.read_newest(provider);
        house.expire_holds();
    }
    house.read_newest(provider);
}

#[expect(clippy::disallowed_methods, reason = "a parameter of one test")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
