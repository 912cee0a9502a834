//! The client: sending, and marking as read.
//!
//! The API has no idempotency key, so nothing is repeated here: a queue repeats, knowing what
//! [`SendError`] says about whether the message may have gone out.

mod answer;
mod error;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

pub use self::answer::{MessageStatus, Sent};
pub use self::error::{BuildError, GraphError, Outcome, SendError};
use crate::message::Message;
use crate::number::without_the_nine;
use crate::recipient::Recipient;

/// The most characters of what a status brings back to us.
const LONGEST_CALLBACK: usize = 512;

/// Larger answers are not read to their end.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Who we say we are.
const USER_AGENT: &str = concat!("alojamientos/", env!("CARGO_PKG_VERSION"));

/// Where and how to call.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Such as `https://graph.facebook.com`.
    pub base_url: Url,
    /// Such as `v23.0`; a version lives about two years.
    pub graph_version: String,
    /// Which of our numbers sends.
    pub phone_number_id: String,
    /// The token.
    pub access_token: SecretString,
    /// Whether Argentine numbers lose their 9: only for Meta's test numbers.
    pub drops_the_nine: bool,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a call may take in all.
    pub timeout: Duration,
}

impl Settings {
    /// The usual limits: 2 s to connect, 10 s in all, and the 9 stays.
    #[must_use]
    pub fn new(
        base_url: Url,
        graph_version: &str,
        phone_number_id: &str,
        access_token: SecretString,
    ) -> Self {
        Self {
            base_url,
            graph_version: graph_version.to_owned(),
            phone_number_id: phone_number_id.to_owned(),
            access_token,
            drops_the_nine: false,
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(10),
        }
    }
}

/// A message on its way to somebody.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// To whom.
    pub to: &'a Recipient,
    /// What.
    pub message: &'a Message,
    /// The message of theirs that it answers, quoted above it.
    pub reply_to: Option<&'a str>,
    /// Our own id of it: every status brings it back, even one that overtakes the answer to this call.
    pub callback: Option<&'a str>,
}

/// What is called, for metrics' labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the methods of `Client`")]
pub enum Operation {
    Send,
    MarkRead,
}

impl Operation {
    /// Every operation, so that each metric exists before its first event.
    pub const ALL: [Self; 2] = [Self::Send, Self::MarkRead];

    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::MarkRead => "mark_read",
        }
    }
}

/// A call that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// What was called.
    pub operation: Operation,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// Told of every call; the border between this crate and whatever counts.
pub type Observe = Arc<dyn Fn(Attempt) + Send + Sync>;

/// A client that sends from one number. Clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    messages_url: Url,
    drops_the_nine: bool,
    observe: Observe,
}

impl Client {
    /// Builds the client; the process must have installed its rustls provider before.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the token cannot be a header, the base URL takes no path, or there is no TLS.
    pub fn new(settings: &Settings, observe: Observe) -> Result<Self, BuildError> {
        let bearer = format!("Bearer {}", settings.access_token.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).or(Err(BuildError::Token))?;
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, authorization)]))
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .pool_idle_timeout(Duration::from_mins(1))
            .redirect(Policy::none())
            .build()
            .map_err(BuildError::Http)?;
        let mut messages_url = settings.base_url.clone();
        match messages_url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty()
                    .extend([&settings.graph_version, &settings.phone_number_id, "messages"]);
            }
            Err(()) => return Err(BuildError::BaseUrl),
        }
        Ok(Self {
            http,
            messages_url,
            drops_the_nine: settings.drops_the_nine,
            observe,
        })
    }

    /// Sends a message once.
    ///
    /// # Errors
    ///
    /// [`SendError`]; with [`SendError::Unknown`] the message may have gone out.
    pub async fn send(&self, outgoing: &Outgoing<'_>) -> Result<Sent, SendError> {
        if let Some(callback) = outgoing.callback
            && LONGEST_CALLBACK < callback.chars().count()
        {
            return Err(SendError::Callback);
        }
        self.post(Operation::Send, &self.body(outgoing), Sent::read).await
    }

    /// Shows the guest that a message was read, and `typing` that an answer is coming.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub async fn mark_read(&self, message_id: &str, typing: bool) -> Result<(), SendError> {
        let mut body = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": message_id });
        if typing && let Some(object) = body.as_object_mut() {
            object.insert("typing_indicator".to_owned(), json!({ "type": "text" }));
        }
        self.post(Operation::MarkRead, &body, |_| Some(())).await
    }

    fn body(&self, outgoing: &Outgoing<'_>) -> Value {
        let (kind, content) = outgoing.message.wire();
        let mut body = serde_json::Map::from_iter([
            ("messaging_product".to_owned(), json!("whatsapp")),
            ("recipient_type".to_owned(), json!("individual")),
            ("type".to_owned(), json!(kind)),
            (kind.to_owned(), content),
        ]);
        let (field, recipient) = match outgoing.to {
            Recipient::Number(wa_id) if self.drops_the_nine => ("to", without_the_nine(wa_id.as_str())),
            Recipient::Number(wa_id) => ("to", wa_id.as_str().to_owned()),
            Recipient::User(user) => ("recipient", user.as_str().to_owned()),
        };
        body.insert(field.to_owned(), json!(recipient));
        if let Some(message_id) = outgoing.reply_to {
            body.insert("context".to_owned(), json!({ "message_id": message_id }));
        }
        if let Some(callback) = outgoing.callback {
            body.insert("biz_opaque_callback_data".to_owned(), json!(callback));
        }
        Value::Object(body)
    }

    /// Posts `body`, reads what the answer must hold, and tells the observer.
    async fn post<T>(
        &self,
        operation: Operation,
        body: &Value,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, SendError> {
        let start = Instant::now();
        let answer = self.exchange(body).await;
        let result = answer.and_then(|(status, body)| read(&body).ok_or(SendError::Wordless { status }));
        let outcome = result.as_ref().err().map_or(Outcome::Success, SendError::outcome);
        let took = start.elapsed();
        tracing::debug!(
            provider.operation = operation.as_str(),
            outcome = outcome.as_str(),
            duration_ms = took.as_millis(),
            "whatsapp call"
        );
        (self.observe)(Attempt {
            operation,
            outcome,
            took,
        });
        result
    }

    /// Status and body of a successful answer.
    async fn exchange(&self, body: &Value) -> Result<(u16, Vec<u8>), SendError> {
        let request = self.http.post(self.messages_url.clone()).json(body);
        let mut answer = request.send().await.map_err(SendError::lost)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(SendError::lost)? {
            if LARGEST_ANSWER < bytes.len() + chunk.len() {
                return Err(SendError::Wordless {
                    status: status.as_u16(),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        if status.is_success() {
            Ok((status.as_u16(), bytes))
        } else {
            Err(GraphError::read(status.as_u16(), &headers, &bytes))
        }
    }
}
