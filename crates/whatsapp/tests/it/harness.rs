//! A Graph API made of canned answers, and a client of it that counts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use whatsapp::Client;
use whatsapp::client::{Attempt, Outgoing, SendError, Sent, Settings};
use whatsapp::message::{Message, Text};
use whatsapp::recipient::Recipient;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The API, and what it was asked.
pub(crate) struct Graph {
    pub(crate) server: MockServer,
    attempts: Arc<Mutex<Vec<Attempt>>>,
}

impl Graph {
    /// Gives `answer` for ever.
    pub(crate) async fn answering(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self {
            server,
            attempts: Arc::default(),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let token = SecretString::from("TEST-token");
        let base_url = self.server.uri().parse().unwrap();
        Settings {
            timeout: Duration::from_millis(300),
            ..Settings::new(base_url, "v23.0", "106540352242922", token)
        }
    }

    pub(crate) fn client_with(&self, settings: &Settings) -> Client {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let attempts = Arc::clone(&self.attempts);
        Client::new(
            settings,
            Arc::new(move |attempt| attempts.lock().unwrap().push(attempt)),
        )
        .unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(&self.settings())
    }

    /// What the client told its observer, as labels.
    pub(crate) fn outcomes(&self) -> Vec<&'static str> {
        self.attempts
            .lock()
            .unwrap()
            .iter()
            .map(|attempt| attempt.outcome.as_str())
            .collect()
    }

    /// The bodies that were received.
    pub(crate) async fn bodies(&self) -> Vec<Value> {
        let received = self.server.received_requests().await.unwrap();
        received
            .iter()
            .map(|request| request.body_json().unwrap())
            .collect()
    }
}

/// Sends a text to a guest.
pub(crate) async fn send(client: &Client) -> Result<Sent, SendError> {
    let to: Recipient = "5491123456789".parse().unwrap();
    let message = Message::from(Text::new("Hola").unwrap());
    let outgoing = Outgoing {
        to: &to,
        message: &message,
        reply_to: None,
        callback: Some("msg-42"),
    };
    client.send(&outgoing).await
}

/// What the API answers to a message that it takes.
pub(crate) fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": "+5491123456789", "wa_id": "5491123456789" }],
        "messages": [{ "id": "wamid.x", "message_status": "accepted" }],
    }))
}

/// What the API answers to a message that it refuses.
pub(crate) fn refused(status: u16, code: i64) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": {
        "message": format!("(#{code}) no"), "type": "OAuthException", "code": code, "is_transient": false,
        "error_data": { "messaging_product": "whatsapp", "details": "5491123456789 no" }, "fbtrace_id": "Az8",
    } }))
}
