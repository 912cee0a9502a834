//! A provider made of canned answers, and a client of it that counts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mercadopago::Client;
use mercadopago::client::{Attempt, Settings};
use mercadopago::error::Outcome;
use mercadopago::id::Id;
use secrecy::SecretString;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// The provider, and what it was asked.
pub(crate) struct Provider {
    pub(crate) server: MockServer,
    attempts: Arc<Mutex<Vec<Attempt>>>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self {
            server: MockServer::start().await,
            attempts: Arc::default(),
        }
    }

    /// Gives `answers` one after the other, and the last one for ever.
    pub(crate) async fn answers(&self, answers: Vec<ResponseTemplate>) -> &Self {
        let last = answers.len() - 1;
        for (place, answer) in answers.into_iter().enumerate() {
            let mock = Mock::given(any()).respond_with(answer);
            if place < last { mock.up_to_n_times(1) } else { mock }
                .mount(&self.server)
                .await;
        }
        self
    }

    /// Short waits, so that tests are quick; nothing else differs from what runs.
    pub(crate) fn settings(&self) -> Settings {
        let token = SecretString::from("TEST-token");
        Settings {
            attempt_timeout: Duration::from_millis(500),
            call_timeout: Duration::from_secs(5),
            first_wait: Duration::from_millis(1),
            ..Settings::new(self.server.uri().parse().unwrap(), token)
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(&self.settings())
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

    /// What was received, in order.
    pub(crate) async fn received(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// What the client told its observer.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.attempts
            .lock()
            .unwrap()
            .iter()
            .map(|attempt| attempt.outcome)
            .collect()
    }
}

pub(crate) fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

pub(crate) fn json(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

pub(crate) fn id(text: &str) -> Id {
    text.parse().unwrap()
}

/// A header of what was received; empty if it is not there.
pub(crate) fn header(request: &Request, name: &str) -> String {
    request
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}
