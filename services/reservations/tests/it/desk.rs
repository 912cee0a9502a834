//! A running replica, and the ways to talk to it.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use service::app::Application;
use testkit::{Answer, wait_until};
use tokio_util::sync::CancellationToken;

use crate::house::{SOON, TOKEN, wish};

/// A replica of the service, ready; stopped when dropped.
pub(crate) struct Desk {
    url: String,
    client: Client,
    stopper: CancellationToken,
}

/// Nights that are held.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) code: String,
    pub(crate) access_token: String,
    pub(crate) body: Value,
}

impl Held {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 201, "{}", answer.text);
        let text = |field: &str| answer.body[field].as_str().unwrap().to_owned();
        Self {
            code: text("code"),
            access_token: text("access_token"),
            body: answer.body.clone(),
        }
    }
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
        let request = self.client.get(format!("{}{path}", self.url));
        Answer::to(request).await
    }

    /// A request of the internal API on behalf of `actor`, to be completed and sent.
    pub(crate) fn request(&self, method: Method, path: &str, actor: &str) -> RequestBuilder {
        let url = format!("{}/internal/v1{path}", self.url);
        self.client
            .request(method, url)
            .header("x-internal-token", TOKEN)
            .header("x-actor", actor)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path, "guest")).await
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path, STAFF)).await
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path, STAFF).json(body)).await
    }

    pub(crate) async fn staff_put(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::PUT, path, STAFF).json(body)).await
    }

    pub(crate) async fn staff_delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path, STAFF)).await
    }

    /// Asks for nights as a guest, with a key of its own.
    pub(crate) async fn hold(&self, wish: &Value) -> Answer {
        self.hold_with_key(wish, &uuid::Uuid::new_v4().to_string()).await
    }

    pub(crate) async fn hold_with_key(&self, wish: &Value, key: &str) -> Answer {
        let request = self.request(Method::POST, "/reservations", "guest");
        Answer::to(request.header("idempotency-key", key).json(wish)).await
    }

    /// Nights that were free are held for one more guest.
    pub(crate) async fn held(&self, accommodation: i64, check_in: &str, check_out: &str) -> Held {
        Held::of(&self.hold(&wish(accommodation, check_in, check_out)).await)
    }

    pub(crate) async fn show(&self, held: &Held) -> Answer {
        let path = format!("/reservations/{}", held.code);
        let request = self.request(Method::GET, &path, "guest");
        Answer::to(request.bearer_auth(&held.access_token)).await
    }

    pub(crate) async fn cancel(&self, held: &Held) -> Answer {
        let path = format!("/reservations/{}/cancel", held.code);
        let request = self.request(Method::POST, &path, "guest");
        Answer::to(request.bearer_auth(&held.access_token)).await
    }

    pub(crate) async fn confirm_by_hand(&self, code: &str) -> Answer {
        let path = format!("/admin/reservations/{code}/confirm");
        self.staff_post(&path, &json!({ "reason": "pagó en efectivo" }))
            .await
    }

    /// Enters a lodging at 1,000 pesos a night; `more` changes or adds fields.
    pub(crate) async fn lodging_with(&self, more: Value) -> i64 {
        let mut draft = json!({
            "name": "Cabaña del Lago", "base_price": { "amount": "1000.00", "currency": "ARS" }, "max_guests": 4,
        });
        let Value::Object(more) = more else {
            panic!("an object: {more}");
        };
        draft.as_object_mut().unwrap().extend(more);
        let entered = self.staff_post("/admin/accommodations", &draft).await;
        assert_eq!(entered.status, 201, "{}", entered.text);
        entered.body["id"].as_i64().unwrap()
    }

    pub(crate) async fn lodging(&self) -> i64 {
        self.lodging_with(json!({})).await
    }
}

/// The person of the house who does everything here.
pub(crate) const STAFF: &str = "staff:eva@house.example";

impl Drop for Desk {
    fn drop(&mut self) {
        self.stopper.cancel();
    }
}
