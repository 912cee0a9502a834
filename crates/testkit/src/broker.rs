//! A virtual host of RabbitMQ for one test.

use std::sync::Once;

use reqwest::{Client, Method, StatusCode};
use url::Url;

use crate::{detached, names, stores::stores};

/// An empty virtual host. Dropping it deletes it, with its queues and connections.
pub struct TestBroker {
    virtual_host: String,
}

impl TestBroker {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// If RabbitMQ's management API does not answer.
    pub async fn create() -> Self {
        sweep_once().await;
        let virtual_host = names::unique();
        let user = management().username().to_owned();
        ask(Method::PUT, &format!("/api/vhosts/{virtual_host}"), "").await;
        let all = r#"{"configure":".*","write":".*","read":".*"}"#;
        ask(
            Method::PUT,
            &format!("/api/permissions/{virtual_host}/{user}"),
            all,
        )
        .await;
        Self { virtual_host }
    }

    /// Its address.
    ///
    /// # Panics
    ///
    /// If `TEST_AMQP_URL` is no URL.
    #[must_use]
    pub fn url(&self) -> Url {
        let mut url = Url::parse(&stores().amqp_url).expect("TEST_AMQP_URL is a URL");
        url.set_path(&self.virtual_host);
        url
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let path = format!("/api/vhosts/{}", self.virtual_host);
        detached::run(async move {
            ask(Method::DELETE, &path, "").await;
        });
    }
}

async fn sweep_once() {
    static SWEPT: Once = Once::new();
    let mut first = false;
    SWEPT.call_once(|| first = true);
    if !first {
        return;
    }
    let listed = ask(Method::GET, "/api/vhosts?columns=name", "").await;
    // `[{"name":"/"},{"name":"test_…"}]`: names of ours contain nothing that JSON escapes.
    for name in listed.split('"').filter(|word| names::is_leftover(word)) {
        ask(Method::DELETE, &format!("/api/vhosts/{name}"), "").await;
    }
}

fn management() -> Url {
    Url::parse(&stores().management_url).expect("TEST_RABBITMQ_MANAGEMENT_URL is a URL")
}

async fn ask(method: Method, path: &str, body: &'static str) -> String {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else's provider serves as well.
        let _installed = rustls::crypto::ring::default_provider().install_default();
    });
    let url = management().join(path).expect("a path");
    let client = Client::new();
    let request = client
        .request(method.clone(), url)
        .header("content-type", "application/json")
        .body(body);
    let response = request.send().await.unwrap_or_else(|error| {
        panic!("no RabbitMQ management API: run `deploy/dev/stores.sh up test` ({error})")
    });
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    assert!(
        status.is_success() || status == StatusCode::NOT_FOUND,
        "{method} {path}: {status} {text}"
    );
    text
}
