//! One sequence: a lodging, its guests and their payments, and a random step of somebody in each round.

use std::collections::HashSet;

use domain::accommodation::AccommodationId;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::world::guest::{Answer, Hold};
use crate::world::provider::{Link, Payment, decimal};
use crate::world::{START, Service, World};

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

    /// A guest holds one of three stays that share nights.
    async fn hold(&mut self, world: &World) -> String {
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
    async fn pay(&mut self, world: &World) -> String {
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
    async fn pay_twice(&mut self, world: &World) -> String {
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

    fn any_payment(&mut self) -> Option<u64> {
        if self.payments.is_empty() {
            return None;
        }
        let which = self.random.random_range(0..self.payments.len());
        Some(self.payments[which])
    }

    /// The provider decides on a payment that is not decided.
    async fn decide(&mut self, world: &World) -> String {
        let Some(id) = self.any_payment() else {
            return "no payment to decide on".to_owned();
        };
        let status = world.provider.status_of(id).await;
        let next = match status.as_str() {
            "pending" => ["approved", "cancelled", "in_process", "approved"],
            "in_process" => ["approved", "rejected", "approved", "cancelled"],
            _ => return format!("payment {id} is {status}, which stays"),
        };
        let next = next[self.random.random_range(0..next.len())];
        let body = json!({ "status": next, "notify": self.random.random_bool(0.7) });
        world
            .provider
            .order(&format!("/mercadopago/payments/{id}"), &body)
            .await;
        format!("payment {id}, {status}, is {body}")
    }

    /// Notifications come again, up to ten times, of several payments in any order.
    async fn notify(&mut self, world: &World) -> String {
        if self.payments.is_empty() {
            return "nothing to notify of".to_owned();
        }
        let times = self.random.random_range(1..=10);
        let url = world.webhook_url();
        let notices: Vec<Value> = self
            .payments
            .iter()
            .map(|id| json!({ "data_id": id.to_string(), "times": times, "url": url }))
            .collect();
        let body =
            json!({ "notices": notices, "order": "shuffled", "at_once": self.random.random_bool(0.5) });
        world.provider.order("/mercadopago/notify", &body).await;
        format!("{times} notifications of each payment")
    }

    async fn cancel(&mut self, world: &World) -> String {
        let hold = self.any_hold();
        let answer = world.cancel(&hold).await;
        format!(
            "the guest cancels {}: {}",
            hold.code,
            self.heard("cancel", &answer)
        )
    }

    async fn cancel_by_staff(&mut self, world: &World) -> String {
        let hold = self.any_hold();
        let refund = ["policy", "full", "none"][self.random.random_range(0..3)];
        let path = format!("/admin/reservations/{}/cancel", hold.code);
        let body = json!({ "reason": "model", "refund": refund });
        let answer = world.as_staff(Service::Reservations, &path, &body).await;
        format!(
            "the house cancels {}, refund {refund}: {}",
            hold.code,
            self.heard("cancel", &answer)
        )
    }

    async fn confirm_by_hand(&mut self, world: &World) -> String {
        let hold = self.any_hold();
        let path = format!("/admin/reservations/{}/confirm", hold.code);
        let answer = world
            .as_staff(Service::Reservations, &path, &json!({ "reason": "model" }))
            .await;
        self.meddled = true;
        format!(
            "the house confirms {}: {}",
            hold.code,
            self.heard("confirm", &answer)
        )
    }

    async fn refund_at_provider(&mut self, world: &World) -> String {
        let Some(id) = self.any_payment() else {
            return "no payment to refund".to_owned();
        };
        let body = if self.random.random_bool(0.5) {
            json!({})
        } else {
            json!({ "amount": decimal(self.random.random_range(1..3_000)) })
        };
        let (status, answer) = world
            .provider
            .order(&format!("/mercadopago/payments/{id}/refund"), &body)
            .await;
        if status == 201 {
            self.meddled = true;
            self.panel_refunds.insert(answer["id"].as_u64().unwrap());
        }
        format!("refund of {body} of payment {id} at the provider: {status}")
    }

    async fn refund_by_host(&mut self, world: &World) -> String {
        let Some(id) = self.any_payment() else {
            return "no payment to refund".to_owned();
        };
        let Some(payment) = world.payment_id(id).await else {
            return format!("payment {id} is not known yet");
        };
        let body = if self.random.random_bool(0.5) {
            json!({ "reason": "model" })
        } else {
            let amount = decimal(self.random.random_range(1..3_000));
            json!({ "reason": "model", "amount": { "amount": amount, "currency": "ARS" } })
        };
        let path = format!("/admin/payments/{payment}/refunds");
        let answer = world.as_staff(Service::Payments, &path, &body).await;
        self.meddled = true;
        format!(
            "the house refunds {body} of payment {id}: {}",
            self.heard("refund", &answer)
        )
    }

    async fn dispute(&mut self, world: &World) -> String {
        let Some(id) = self.any_payment() else {
            return "no payment to dispute".to_owned();
        };
        let status = world.provider.status_of(id).await;
        if status != "approved" {
            return format!("payment {id} is {status}, which nobody disputes");
        }
        let kind = ["chargeback", "claim", "fraud_alert"][self.random.random_range(0..3)];
        self.meddled = true;
        world
            .provider
            .order(
                &format!("/mercadopago/payments/{id}/dispute"),
                &json!({ "kind": kind }),
            )
            .await;
        format!("{kind} of payment {id}")
    }

    async fn end_dispute(&mut self, world: &World) -> String {
        for id in self.payments.clone() {
            let status = world.provider.status_of(id).await;
            if ["charged_back", "in_mediation"].contains(&status.as_str()) {
                let body = json!({ "status": "approved", "notify": self.random.random_bool(0.7) });
                world
                    .provider
                    .order(&format!("/mercadopago/payments/{id}"), &body)
                    .await;
                return format!("the dispute of payment {id} ends well");
            }
        }
        "no dispute to end".to_owned()
    }

    /// Money that is no payment of a deposit: a person must look.
    async fn stray_money(&mut self, world: &World) -> String {
        let hold = self.any_hold();
        let mut body = json!({
            "external_reference": hold.code, "transaction_amount": decimal(hold.deposit_minor),
            "notification_url": world.webhook_url(), "notify": self.random.random_bool(0.7),
        });
        match self.random.random_range(0..5) {
            0 => body["currency_id"] = json!("BRL"),
            1 => body["collector_id"] = json!(99),
            2 => body["operation_type"] = json!("card_validation"),
            3 => body["external_reference"] = json!("RES250101AAAAAA"),
            _ => body["status"] = json!("dancing"),
        }
        let (status, answer) = world.provider.order("/mercadopago/payments", &body).await;
        assert_eq!(status, 201, "{answer}");
        let id = answer["id"].as_u64().unwrap();
        self.payments.push(id);
        format!("stray payment {id}: {body}")
    }

    async fn resolve_parked(&mut self, world: &World) -> String {
        for id in self.payments.clone() {
            let Some(payment) = world.parked_payment_id(id).await else {
                continue;
            };
            let hold = self.any_hold();
            let body = match self.random.random_range(0..3) {
                0 => json!({ "decision": "credit", "reservation_code": hold.code, "reason": "model" }),
                1 => json!({ "decision": "refund", "reason": "model" }),
                _ => json!({ "decision": "dismiss", "reason": "model" }),
            };
            self.meddled = true;
            let path = format!("/admin/payments/{payment}/resolve");
            let answer = world.as_staff(Service::Payments, &path, &body).await;
            return format!("payment {id}, parked: {body}: {}", self.heard("resolve", &answer));
        }
        "nothing is parked".to_owned()
    }

    /// The panel's simulator tells of a payment that there is not.
    async fn simulator(&mut self, world: &World) -> String {
        let notice = json!({ "data_id": "123456", "channel": "feed", "url": world.webhook_url() });
        world
            .provider
            .order("/mercadopago/notify", &json!({ "notices": [notice] }))
            .await;
        "the simulator's notification".to_owned()
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
