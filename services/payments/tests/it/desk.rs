//! A running replica, and the ways to talk to it.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use service::app::Application;
use testkit::{Answer, wait_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::house::{GUEST, SOON, TOKEN};

/// The person of the house who does everything here.
pub(crate) const STAFF: &str = "staff:eva@house.example";

/// A replica of the service, ready; stopped when dropped.
pub(crate) struct Desk {
    url: String,
    client: Client,
    stopper: CancellationToken,
}

impl Desk {
    pub(crate) async fn of(application: Application) -> Self {
        let (url, stopper) = (application.base_url(), application.stopper());
        tokio::spawn(application.run_until_stopped());
        let desk = Self {
            url,
            client: Client::new(),
            stopper,
        };
        wait_until(SOON, async || desk.probe("/readyz").await.status == 200).await;
        desk
    }

    /// A page outside the internal API.
    pub(crate) async fn probe(&self, path: &str) -> Answer {
        Answer::to(self.client.get(format!("{}{path}", self.url))).await
    }

    /// A request of the internal API on behalf of `actor`, to be completed and sent.
    pub(crate) fn request(&self, method: Method, path: &str, actor: &str) -> RequestBuilder {
        let url = format!("{}/internal/v1{path}", self.url);
        self.client
            .request(method, url)
            .header("x-internal-token", TOKEN)
            .header("x-actor", actor)
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path, STAFF)).await
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Answer {
        let key = Uuid::new_v4().to_string();
        self.staff_post_with_key(path, &key, body).await
    }

    pub(crate) async fn staff_post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path, STAFF);
        Answer::to(request.header("idempotency-key", key).json(body)).await
    }

    /// The guest asks where to pay.
    pub(crate) async fn link(&self, code: &str) -> Answer {
        let path = format!("/reservations/{code}/payment-link");
        let request = self.request(Method::POST, &path, "guest");
        let key = Uuid::new_v4().to_string();
        Answer::to(request.bearer_auth(GUEST).header("idempotency-key", key)).await
    }

    /// A person of the house gives back `amount` pesos of a payment, or all that is left.
    pub(crate) async fn refund(&self, payment: Uuid, amount: Option<&str>) -> Answer {
        let amount = amount.map(|amount| json!({ "amount": amount, "currency": "ARS" }));
        let body = json!({ "amount": amount, "reason": "se rompió la caldera" });
        self.staff_post(&format!("/admin/payments/{payment}/refunds"), &body)
            .await
    }

    pub(crate) async fn resolve(&self, payment: Uuid, decision: &str, code: Option<&str>) -> Answer {
        let body =
            json!({ "decision": decision, "reason": "lo hablé con el huésped", "reservation_code": code });
        self.staff_post(&format!("/admin/payments/{payment}/resolve"), &body)
            .await
    }

    /// Our ids of what waits for a person.
    pub(crate) async fn parked(&self) -> Vec<Uuid> {
        let list = self.staff_get("/admin/payments/parked?limit=200").await.body;
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().parse().unwrap())
            .collect()
    }

    /// The value of a counter, as `/metrics` shows it.
    pub(crate) async fn count(&self, series: &str) -> u64 {
        let page = self.probe("/metrics").await.text;
        let line = page.lines().find(|line| line.starts_with(series));
        let line = line.unwrap_or_else(|| panic!("no {series} in\n{page}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// [`Self::count`], or 0 if nothing has been counted yet.
    pub(crate) async fn count_so_far(&self, series: &str) -> u64 {
        let page = self.probe("/metrics").await.text;
        let line = page.lines().find(|line| line.starts_with(series));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    /// The value of a series, as `/metrics` shows it.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let page = self.probe("/metrics").await.text;
        let line = page
            .lines()
            .find(|line| line.starts_with(series))
            .unwrap_or_else(|| panic!("no {series} in\n{page}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stopper.cancel();
    }
}
