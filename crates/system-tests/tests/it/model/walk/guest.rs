//! What guests do.

use rand::Rng as _;

use super::Walk;
use crate::world::World;
use crate::world::provider::{Link, Payment};

impl Walk {
    /// A guest holds one of three stays that share nights.
    pub(super) async fn hold(&mut self, world: &World) -> String {
        let from = self.random.random_range(0..3);
        match world.hold(self.lodging, self.first_day + from, 2).await {
            Ok(hold) => {
                let words = format!("held {} from day {from} until {}", hold.code, hold.expires_at);
                self.holds.push(hold);
                words
            }
            Err(answer) => self.heard("hold", &answer),
        }
    }

    /// A guest asks for the link and pays by one of those known, in one of many ways.
    pub(super) async fn pay(&mut self, world: &World) -> String {
        let which = self.random.random_range(0..self.holds.len());
        let payment = self.some_payment(which);
        let hold = &self.holds[which];
        let code = hold.code.clone();
        let asked = match world.ask_link(hold).await {
            Ok(link) => {
                if !self.links.contains(&(which, link.clone())) {
                    self.links.push((which, link));
                }
                "with a link".to_owned()
            }
            Err(answer) => self.heard("link", &answer),
        };
        let known: Vec<Link> = self
            .links
            .iter()
            .filter(|(of, _)| *of == which)
            .map(|(_, link)| link.clone())
            .collect();
        if known.is_empty() {
            return format!("nobody can pay {code}: {asked}");
        }
        let link = &known[self.random.random_range(0..known.len())];
        match world.provider.pay(link, &payment).await {
            Ok(id) => {
                self.payments.push(id);
                format!("payment {id} for {code}, {asked}: {payment:?}")
            }
            Err(refusal) => format!("the provider takes no payment for {code}: {refusal}"),
        }
    }

    fn some_payment(&mut self, which: usize) -> Payment {
        let deposit = self.holds[which].deposit_minor;
        let mut payment = match self.random.random_range(0..10) {
            0..6 => Payment::approved(),
            6 | 7 => Payment::pending(),
            _ => Payment::rejected(),
        };
        match self.random.random_range(0..10) {
            0 => payment = payment.of(deposit - 1),
            1 => payment = payment.of(deposit / 2),
            2 => payment = payment.of(deposit + 100),
            _ => {}
        }
        if self.random.random_bool(0.3) {
            payment = payment.silent();
        }
        if self.random.random_bool(0.3) {
            payment = payment.whenever();
        }
        if self.random.random_bool(0.1) {
            payment = payment.hidden_for(self.random.random_range(1..3));
        }
        payment
    }

    /// Two payments by the same link at the same time.
    pub(super) async fn pay_twice(&mut self, world: &World) -> String {
        let Some((which, link)) = self.any_link() else {
            return "no link to pay twice by".to_owned();
        };
        let payment = Payment::approved().whenever();
        let (one, other) = tokio::join!(
            world.provider.pay(&link, &payment),
            world.provider.pay(&link, &payment)
        );
        self.payments.extend(one.iter().chain(other.iter()));
        format!("{} paid twice: {one:?}, {other:?}", self.holds[which].code)
    }

    fn any_link(&mut self) -> Option<(usize, Link)> {
        if self.links.is_empty() {
            return None;
        }
        let which = self.random.random_range(0..self.links.len());
        Some(self.links[which].clone())
    }

    pub(super) async fn cancel(&mut self, world: &World) -> String {
        let hold = self.any_hold();
        let answer = world.cancel(&hold).await;
        format!(
            "the guest cancels {}: {}",
            hold.code,
            self.heard("cancel", &answer)
        )
    }
}
