//! What a guest does, through the gateway.

use std::time::{Duration, Instant};

use domain::accommodation::AccommodationId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{wait_for, wait_until};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::provider::Link;
use super::{INTERNAL_TOKEN, Service, World};

/// How long a link may take that nothing is in the way of.
const LINK_WITHIN: Duration = Duration::from_secs(20);

/// How long somebody tries who gets no answer at all.
const ASKS_FOR: Duration = Duration::from_secs(5);

/// A hold, as its guest knows it.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    pub(crate) code: String,
    pub(crate) token: String,
    pub(crate) deposit_minor: i64,
    pub(crate) expires_at: OffsetDateTime,
}

/// An answer, read to its end; status 0 is none at all.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl World {
    /// Holds `nights` from `days` after the beginning, as a guest who was never here.
    pub(crate) async fn hold(
        &self,
        lodging: AccommodationId,
        days: i64,
        nights: i64,
    ) -> Result<Hold, Answer> {
        let key = uuid::Uuid::new_v4().to_string();
        self.hold_with(&key, lodging, days, nights).await
    }

    /// Holds `nights` from `days` after the beginning; the same `key` is the same wish.
    pub(crate) async fn hold_with(
        &self,
        key: &str,
        lodging: AccommodationId,
        days: i64,
        nights: i64,
    ) -> Result<Hold, Answer> {
        let check_in = super::START.date() + time::Duration::days(days);
        let body = json!({
            "accommodation_id": lodging.0, "check_in": check_in.to_string(),
            "check_out": (check_in + time::Duration::days(nights)).to_string(),
            "guests": 2, "contact_name": "Ana", "contact_email": format!("guest-{key}@example.com"),
        });
        let url = format!("{}/api/v1/reservations", self.url_of(Service::Gateway));
        let request = self.client.post(url).header("idempotency-key", key).json(&body);
        let answer = patiently(&request).await;
        if answer.status != 201 {
            return Err(answer);
        }
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Ok(Hold {
            code: text("code"),
            token: text("access_token"),
            deposit_minor: super::provider::minor(&answer.body["deposit"]["amount"]),
            expires_at: OffsetDateTime::parse(&text("expires_at"), &Rfc3339).unwrap(),
        })
    }

    /// Asks for the link until there is one.
    pub(crate) async fn link(&self, hold: &Hold) -> Link {
        wait_for(LINK_WITHIN, async || self.ask_link(hold).await.ok()).await
    }

    /// Asks for the link once.
    pub(crate) async fn ask_link(&self, hold: &Hold) -> Result<Link, Answer> {
        let path = format!("/api/v1/reservations/{}/payment-link", hold.code);
        let answer = self.post(&path, Some(&hold.token), &json!({})).await;
        if answer.status == 200 {
            Ok(Link::at(answer.body["url"].as_str().unwrap()))
        } else {
            Err(answer)
        }
    }

    /// Calls it off.
    pub(crate) async fn cancel(&self, hold: &Hold) -> Answer {
        let path = format!("/api/v1/reservations/{}/cancel", hold.code);
        self.post(&path, Some(&hold.token), &json!({})).await
    }

    /// The reservation as its guest sees it.
    pub(crate) async fn show(&self, hold: &Hold) -> Value {
        self.look(hold).await.body
    }

    /// Looks at the reservation, whatever comes.
    pub(crate) async fn look(&self, hold: &Hold) -> Answer {
        let path = format!("/api/v1/reservations/{}", hold.code);
        self.call(Method::GET, &path, Some(&hold.token), None).await
    }

    /// Waits until the guest sees this status.
    pub(crate) async fn wait_for_status(&self, hold: &Hold, status: &str, bound: Duration) {
        wait_until(bound, async || self.show(hold).await["status"] == status).await;
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.call(Method::POST, path, token, Some(body)).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.url_of(Service::Gateway));
        let mut request = self.client.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            let key = uuid::Uuid::new_v4().to_string();
            request = request.header("idempotency-key", key).json(body);
        }
        patiently(&request).await
    }

    /// What a person of the house does, past the gateway's login.
    pub(crate) async fn as_staff(&self, service: Service, path: &str, body: &Value) -> Answer {
        let request = self
            .client
            .post(format!("{}/internal/v1{path}", self.url_of(service)))
            .header("x-internal-token", INTERNAL_TOKEN)
            .header("x-actor", "staff:ana@example.com")
            .header("idempotency-key", uuid::Uuid::new_v4().to_string())
            .json(body);
        patiently(&request).await
    }
}

/// Asks, and asks the same again while nobody answers, as a browser's user does.
async fn patiently(request: &reqwest::RequestBuilder) -> Answer {
    let deadline = Instant::now() + ASKS_FOR;
    loop {
        let answer = read(request.try_clone().unwrap()).await;
        if answer.status != 0 || deadline < Instant::now() {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let Ok(response) = request.send().await else {
        return Answer {
            status: 0,
            retry_after: None,
            body: Value::Null,
        };
    };
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after").cloned();
    let retry_after = header.and_then(|value| value.to_str().map(str::to_owned).ok());
    let text = response.text().await.unwrap_or_default();
    Answer {
        status,
        retry_after,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
    }
}
