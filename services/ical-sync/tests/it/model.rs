//! Many houses at random: several channels each, guests who come, change and leave, hosts that fail, replicas that die.
//! When all is quiet again, what is closed is what is true.
//!
//! `ICAL_MODEL_SEQUENCES` says how many houses (100), `ICAL_MODEL_SEED` the seed of the first (1); a failure names its
//! house's seed.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use time::{Date, Duration};
use uuid::Uuid;

use crate::house::{House, code, day, nights};
use crate::replica::Replica;

const STEPS: usize = 8;
/// Enough for a hold to end by itself, twice over, and for echoes to go round.
const QUIET_ROUNDS: usize = 9;

/// What is true of one house.
struct World {
    seed: u64,
    random: StdRng,
    lodging: i64,
    channels: Vec<Channel>,
    ours: Vec<(Uuid, Date, Date)>,
    /// Whether its channels import what we publish.
    has_echo: bool,
}

struct Channel {
    name: String,
    feed: i64,
    /// How long its stays are: of no two channels alike, so that none of them looks like another's echo.
    length: i64,
    stays: Vec<(String, Date, Date)>,
}

#[tokio::test(flavor = "multi_thread")]
async fn after_quiet_what_is_closed_is_what_is_true() {
    let houses = from_environment("ICAL_MODEL_SEQUENCES", 100);
    let seed = from_environment("ICAL_MODEL_SEED", 1);
    eprintln!("{houses} houses, seeds from {seed}");
    let house = House::with_broker().await;
    let mut other = house.another_replica().await;
    let mut worlds = Vec::new();
    for seed in seed..seed + houses {
        worlds.push(World::new(&house, seed).await);
    }
    for step in 0..STEPS {
        for world in &mut worlds {
            for _ in 0..world.random.random_range(0..3) {
                world.step(&house).await;
            }
        }
        house.pass(Duration::minutes(20)).await;
        if step % 3 == 2 {
            nudge(&house, &other).await;
            let fresh = house.another_replica().await;
            std::mem::replace(&mut other, fresh).crash();
            house.pass(Duration::minutes(3)).await;
        }
        nudge(&house, &other).await;
        house.quiet().await;
        if step == STEPS / 2 {
            house.pass(Duration::days(1)).await;
        }
    }
    for world in &worlds {
        for channel in &world.channels {
            house.end_script(&channel.name).await;
        }
    }
    for _ in 0..QUIET_ROUNDS {
        house.pass(Duration::minutes(45)).await;
        house.events_are_heard().await;
        nudge(&house, &other).await;
        house.quiet().await;
    }
    let conflicts = house.conflicts().await;
    for world in &worlds {
        world.check(&house, &conflicts).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "how long to try is said from outside")]
fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// Every feed is due, and both replicas look.
async fn nudge(house: &House, other: &Replica) {
    house.post("/admin/feeds/sync", json!({})).await;
    let woken = house.call(other, Method::POST, "/admin/feeds/sync", Some(json!({})));
    assert_eq!(woken.await.status, 202);
}

impl World {
    async fn new(house: &House, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let lodging = house.lodging().await;
        let has_echo = random.random_bool(0.3);
        let mut channels = Vec::new();
        for (dialect, length) in [("airbnb", 2), ("booking", 3), ("vrbo", 4)] {
            let name = format!("{dialect}-{seed}");
            let feed = house.feed(lodging, &name).await;
            if has_echo {
                let export = house.export(lodging, dialect).await;
                house.echo(&name, &[export]).await;
            }
            channels.push(Channel {
                name,
                feed,
                length,
                stays: Vec::new(),
            });
        }
        Self {
            seed,
            random,
            lodging,
            channels,
            ours: Vec::new(),
            has_echo,
        }
    }

    /// Something happens.
    async fn step(&mut self, house: &House) {
        let from = day(self.random.random_range(0..50));
        let which = self.random.random_range(0..self.channels.len());
        let channel = &mut self.channels[which];
        let to = from + Duration::days(channel.length);
        let is_free = channel
            .stays
            .iter()
            .all(|(_, start, end)| to <= *start || *end <= from);
        match self.random.random_range(0..100) {
            0..35 if is_free => {
                let key = house.stay(&channel.name, from, to).await;
                channel.stays.push((key, from, to));
            }
            35..50 if is_free && !channel.stays.is_empty() => {
                let moved = self.random.random_range(0..channel.stays.len());
                let stay = &mut channel.stays[moved];
                house.move_stay(&channel.name, &stay.0, from, to).await;
                (stay.1, stay.2) = (from, to);
            }
            50..62 if !channel.stays.is_empty() => {
                let ended = self.random.random_range(0..channel.stays.len());
                let (key, ..) = channel.stays.swap_remove(ended);
                house.end_stay(&channel.name, &key).await;
            }
            62..78 => {
                let to = from + Duration::days(self.random.random_range(5..7));
                if let Some(id) = house.try_to_book(self.lodging, from, to).await {
                    self.ours.push((id, from, to));
                }
            }
            78..85 if !self.ours.is_empty() => {
                let ended = self.random.random_range(0..self.ours.len());
                let (id, ..) = self.ours.swap_remove(ended);
                house.call_off(self.lodging, id).await;
            }
            85.. => {
                let trouble = [
                    json!({ "kind": "status", "status": 500 }),
                    json!({ "kind": "status", "status": 403 }),
                    json!({ "kind": "html" }),
                    json!({ "kind": "empty" }),
                    json!({ "kind": "truncated" }),
                    json!({ "kind": "no_events" }),
                    json!({ "kind": "close" }),
                    json!({ "kind": "slow", "bytes": 400, "every_ms": 20 }),
                ];
                let mut answer = trouble.choose(&mut self.random).unwrap().clone();
                answer["times"] = self.random.random_range(1..4).into();
                house.script(&channel.name, json!([answer])).await;
            }
            _ => {}
        }
    }

    async fn check(&self, house: &House, conflicts: &[Value]) {
        let seed = self.seed;
        // The last quiet round is still of the second day at the house.
        let today = day(1);
        let from_today = |nights: BTreeSet<Date>| -> BTreeSet<Date> {
            nights.into_iter().filter(|night| today <= *night).collect()
        };
        let blocks = house.blocks(self.lodging).await;
        let ours = from_today(
            self.ours
                .iter()
                .flat_map(|(_, from, to)| nights(*from, *to))
                .collect(),
        );
        let stays = || self.channels.iter().flat_map(|channel| &channel.stays);
        let theirs = from_today(stays().flat_map(|(_, from, to)| nights(*from, *to)).collect());
        let closed = from_today(house.closed(self.lodging).await);
        assert_eq!(
            &closed | &ours,
            &theirs | &ours,
            "seed {seed}: closed and true\n{blocks:#?}"
        );
        if !self.has_echo {
            assert_eq!(
                closed, theirs,
                "seed {seed}: closed by other channels\n{blocks:#?}"
            );
        }
        for channel in &self.channels {
            let lasting = channel.stays.iter().filter(|(_, _, to)| today < *to);
            for (_, from, to) in lasting.clone() {
                let is_there = blocks.iter().any(|block| {
                    block.feed_id == channel.feed
                        && block.ends_on == *to
                        && block.starts_on <= (*from).max(today)
                });
                assert!(
                    is_there,
                    "seed {seed}: {} lost {from} to {to}\n{blocks:#?}",
                    channel.name
                );
            }
            let listed = blocks
                .iter()
                .filter(|block| block.feed_id == channel.feed && today < block.ends_on);
            if !self.has_echo {
                assert_eq!(
                    listed.count(),
                    lasting.count(),
                    "seed {seed}: {}\n{blocks:#?}",
                    channel.name
                );
            }
        }
        self.check_conflicts(conflicts, today);
    }

    /// Each overlap of what lasts is listed, once, and nothing else.
    fn check_conflicts(&self, conflicts: &[Value], today: Date) {
        let mut expected = BTreeSet::new();
        for (id, check_in, check_out) in self.ours.iter().filter(|(_, _, to)| today < *to) {
            for channel in &self.channels {
                let over = channel
                    .stays
                    .iter()
                    .filter(|(_, from, to)| today < *to && from < check_out && check_in < to);
                let dialect = channel.name.split('-').next().unwrap();
                expected.extend(over.map(|(_, _, to)| (code(*id), dialect.to_owned(), to.to_string())));
            }
        }
        let text = |conflict: &Value, name: &str| conflict[name].as_str().unwrap().to_owned();
        let (is_ours, today) = (json!(self.lodging), today.to_string());
        let found: Vec<_> = conflicts
            .iter()
            .filter(|conflict| conflict["accommodation_id"] == is_ours)
            .filter(|conflict| today < text(conflict, "ends_on") && today < text(conflict, "check_out"))
            .map(|conflict| {
                let code = text(conflict, "reservation_code");
                (code, text(conflict, "channel"), text(conflict, "ends_on"))
            })
            .collect();
        let distinct: BTreeSet<_> = found.iter().cloned().collect();
        assert_eq!(distinct, expected, "seed {}: conflicts", self.seed);
        assert_eq!(
            found.len(),
            expected.len(),
            "seed {}: conflicts, each once",
            self.seed
        );
    }
}
