//! One sequence: a lodging, its guests and their payments, and a random step of somebody in each round.

mod guest;
mod house;
mod provider;

use std::collections::HashSet;

use domain::accommodation::AccommodationId;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use time::OffsetDateTime;

use crate::world::guest::{Answer, Hold};
use crate::world::provider::Link;
use crate::world::{START, World};

/// A sequence on its way.
pub(super) struct Walk {
    pub(super) lodging: AccommodationId,
    seed: u64,
    random: StdRng,
    /// Days after [`START`] on which its stays begin.
    first_day: i64,
    pub(super) holds: Vec<Hold>,
    links: Vec<(usize, Link)>,
    pub(super) payments: Vec<u64>,
    /// Refunds that the provider made without us.
    pub(super) panel_refunds: HashSet<u64>,
    /// Whether somebody moved money, or confirmed without any, so that less than a deposit may be right.
    pub(super) meddled: bool,
    /// What happened, in order.
    pub(super) log: Vec<String>,
    /// Answers that nobody should get.
    pub(super) shameful: Vec<String>,
}

impl Walk {
    pub(super) fn new(lodging: AccommodationId, seed: u64, now: OffsetDateTime) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        // Within the share of the policy, at its edge, or free of charge.
        let ahead = [3, 6, 30][random.random_range(0..3)];
        Self {
            lodging,
            seed,
            random,
            first_day: (now - START).whole_days() + ahead,
            holds: Vec::new(),
            links: Vec::new(),
            payments: Vec::new(),
            panel_refunds: HashSet::new(),
            meddled: false,
            log: Vec::new(),
            shameful: Vec::new(),
        }
    }

    /// `sequence 17`, by its seed.
    pub(super) fn name(&self) -> String {
        format!("sequence {} (lodging {})", self.seed, self.lodging)
    }

    /// Somebody does something.
    pub(super) async fn step(&mut self, world: &World, round: usize) {
        let words = if self.holds.is_empty() {
            self.hold(world).await
        } else if self.payments.is_empty() && self.random.random_bool(0.6) {
            self.pay(world).await
        } else {
            match self.random.random_range(0..26) {
                0..3 => self.hold(world).await,
                3..9 => self.pay(world).await,
                9 => self.pay_twice(world).await,
                10..13 => self.decide(world).await,
                13..15 => self.notify(world).await,
                15 | 16 => self.cancel(world).await,
                17 => self.cancel_by_staff(world).await,
                18 => self.confirm_by_hand(world).await,
                19 => self.refund_at_provider(world).await,
                20 => self.refund_by_host(world).await,
                21 => self.dispute(world).await,
                22 => self.end_dispute(world).await,
                23 => self.stray_money(world).await,
                24 => self.resolve_parked(world).await,
                _ => self.simulator(world).await,
            }
        };
        self.log.push(format!("{round}: {words}"));
    }

    fn any_payment(&mut self) -> Option<u64> {
        if self.payments.is_empty() {
            return None;
        }
        let which = self.random.random_range(0..self.payments.len());
        Some(self.payments[which])
    }

    fn any_hold(&mut self) -> Hold {
        let which = self.random.random_range(0..self.holds.len());
        self.holds[which].clone()
    }

    /// An answer in words; what a guest must never see is written down.
    fn heard(&mut self, what: &str, answer: &Answer) -> String {
        let words = format!("{what} → {} {}", answer.status, answer.body["code"]);
        if answer.status == 500 || answer.status == 501 {
            self.shameful.push(words.clone());
        }
        words
    }
}
