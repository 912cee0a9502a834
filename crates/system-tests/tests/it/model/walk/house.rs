//! What the people of the house do.

use rand::Rng as _;
use serde_json::json;

use super::Walk;
use crate::world::provider::decimal;
use crate::world::{Service, World};

impl Walk {
    pub(super) async fn cancel_by_staff(&mut self, world: &World) -> String {
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

    pub(super) async fn confirm_by_hand(&mut self, world: &World) -> String {
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

    pub(super) async fn refund_by_host(&mut self, world: &World) -> String {
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

    pub(super) async fn resolve_parked(&mut self, world: &World) -> String {
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
}
