//! What happens at the provider.

use rand::Rng as _;
use serde_json::{Value, json};

use super::Walk;
use crate::world::World;
use crate::world::provider::decimal;

impl Walk {
    /// The provider decides on a payment that is not decided.
    pub(super) async fn decide(&mut self, world: &World) -> String {
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
    pub(super) async fn notify(&mut self, world: &World) -> String {
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

    pub(super) async fn refund_at_provider(&mut self, world: &World) -> String {
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

    pub(super) async fn dispute(&mut self, world: &World) -> String {
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

    pub(super) async fn end_dispute(&mut self, world: &World) -> String {
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
    pub(super) async fn stray_money(&mut self, world: &World) -> String {
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

    /// The panel's simulator tells of a payment that there is not.
    pub(super) async fn simulator(&mut self, world: &World) -> String {
        let notice = json!({ "data_id": "123456", "channel": "feed", "url": world.webhook_url() });
        world
            .provider
            .order("/mercadopago/notify", &json!({ "notices": [notice] }))
            .await;
        "the simulator's notification".to_owned()
    }
}
