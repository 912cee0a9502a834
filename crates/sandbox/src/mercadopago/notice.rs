//! One notification: its URL, headers and body, signed anew at every attempt.

use rand::Rng;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

use super::timestamp;
use crate::delivery::Outgoing;

/// A reason to look, for one receiver.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) channel: NoticeChannel,
    /// `payment`, `merchant_order`, `topic_chargebacks_wh`…
    pub(crate) topic: String,
    /// `payment.created`, `payment.updated`; chargebacks have a list of them instead.
    pub(crate) action: String,
    pub(crate) data_id: String,
    /// The `data` of the body, if it is more than the id.
    pub(crate) data: Option<Value>,
    /// Where it goes, before the notice's own query parameters.
    pub(crate) url: Url,
}

/// Which of the two ways Mercado Pago has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NoticeChannel {
    /// `WebHook v1.0`, whose signature verifies.
    Webhook,
    /// `Feed v2.0`, also called IPN, whose signature never verifies.
    Feed,
}

/// What is wrong with the signature of a notice that a test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Forgery {
    /// Nothing.
    #[default]
    None,
    /// No `x-signature`.
    Unsigned,
    /// Signed with another secret.
    WrongSecret,
    /// No `x-request-id`, and signed without it.
    NoRequestId,
    /// No `data.id` in the query, and signed without it.
    NoDataId,
    /// `data.id` twice in the query, signed for the first.
    DataIdTwice,
    /// Signed an hour ago.
    Stale,
}

/// How notices are signed at the moment.
#[derive(Debug, Clone)]
pub(crate) struct Signing {
    pub(crate) secret: Option<SecretString>,
    /// 13 digits instead of 10.
    pub(crate) milliseconds: bool,
    pub(crate) forgery: Forgery,
}

impl Notice {
    /// What it tells of.
    pub(crate) fn about(&self) -> String {
        format!("{} {}", self.topic, self.data_id)
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self.channel {
            NoticeChannel::Webhook => "webhook",
            NoticeChannel::Feed => "feed",
        }
    }

    /// The next attempt: a new request id, a new `ts`, a new body id.
    pub(crate) fn attempt(&self, signing: &Signing, collector: u64, now: OffsetDateTime) -> Outgoing {
        let request_id = Uuid::new_v4().to_string();
        let with_request_id = signing.forgery != Forgery::NoRequestId;
        let with_data_id = signing.forgery != Forgery::NoDataId;
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", self.user_agent()),
            ("x-rest-pool-name", "/services/webhooks.js".to_owned()),
        ];
        if with_request_id {
            headers.push(("x-request-id", request_id.clone()));
        }
        let signed_id = with_data_id.then_some(self.data_id.as_str());
        let signed_request = with_request_id.then_some(request_id.as_str());
        if let Some(signature) = self.signature(signing, signed_id, signed_request, now) {
            headers.push(("x-signature", signature));
        }
        Outgoing {
            url: self.address(signing.forgery),
            headers,
            body: self.body(collector, now).to_string(),
        }
    }

    fn user_agent(&self) -> String {
        match self.channel {
            NoticeChannel::Webhook => format!("MercadoPago WebHook v1.0 {}", self.topic),
            NoticeChannel::Feed => format!("MercadoPago Feed v2.0 {}", self.topic),
        }
    }

    fn signature(
        &self,
        signing: &Signing,
        data_id: Option<&str>,
        request_id: Option<&str>,
        now: OffsetDateTime,
    ) -> Option<String> {
        let of_another_key = SecretString::from("a secret that the application never had");
        let secret = match (self.channel, signing.forgery) {
            (_, Forgery::Unsigned) => return None,
            (NoticeChannel::Feed, _) | (_, Forgery::WrongSecret) => &of_another_key,
            (NoticeChannel::Webhook, _) => signing.secret.as_ref()?,
        };
        let at = if signing.forgery == Forgery::Stale {
            now - time::Duration::hours(1)
        } else {
            now
        };
        let ts = if signing.milliseconds {
            (at.unix_timestamp_nanos() / 1_000_000).to_string()
        } else {
            at.unix_timestamp().to_string()
        };
        Some(::mercadopago::signature::sign(secret, data_id, request_id, &ts))
    }

    fn address(&self, forgery: Forgery) -> Url {
        let mut url = self.url.clone();
        match self.channel {
            NoticeChannel::Webhook => {
                if forgery != Forgery::NoDataId {
                    url.query_pairs_mut().append_pair("data.id", &self.data_id);
                }
                if forgery == Forgery::DataIdTwice {
                    url.query_pairs_mut().append_pair("data.id", "1");
                }
                url.query_pairs_mut().append_pair("type", &self.topic);
            }
            NoticeChannel::Feed => {
                url.query_pairs_mut()
                    .append_pair("id", &self.data_id)
                    .append_pair("topic", &self.topic);
            }
        }
        url
    }

    fn body(&self, collector: u64, now: OffsetDateTime) -> Value {
        if self.channel == NoticeChannel::Feed {
            let resource = match self.topic.as_str() {
                "merchant_order" => format!("https://api.mercadolibre.com/merchant_orders/{}", self.data_id),
                _ => self.data_id.clone(),
            };
            return json!({ "resource": resource, "topic": self.topic });
        }
        let id: u64 = rand::rng().random_range(100_000_000_000..200_000_000_000);
        let data = self.data.clone().unwrap_or_else(|| json!({ "id": self.data_id }));
        let mut body = json!({
            "id": id,
            "live_mode": true,
            "type": self.topic,
            "date_created": timestamp::write(now),
            "user_id": collector,
            "api_version": "v1",
            "data": data,
        });
        if let Value::Object(body) = &mut body {
            if self.topic == "topic_chargebacks_wh" {
                body.insert("actions".to_owned(), json!([self.action]));
                body.insert("version".to_owned(), json!(1));
            } else {
                body.insert("action".to_owned(), json!(self.action));
            }
        }
        body
    }
}
