//! The one HTTP client of the demonstration.

use std::time::{Duration, Instant};

use anyhow::Context;
use reqwest::{Client, Method, RequestBuilder, header::LOCATION, redirect::Policy};

use super::answer::Answer;

/// Longer than any deadline inside the system, so that its own answer is seen.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks, reads the answer to the end, and takes the time.
pub(crate) struct Browser {
    client: Client,
}

impl Browser {
    pub(crate) fn new() -> anyhow::Result<Self> {
        // Only a second installation fails, and there is none.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .context("build the HTTP client")?;
        Ok(Self { client })
    }

    /// `GET url`, unless `shape` adds more.
    pub(crate) async fn get(
        &self,
        url: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Answer> {
        self.ask(Method::GET, url, shape).await
    }

    /// `POST url` with what `shape` adds.
    pub(crate) async fn post(
        &self,
        url: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Answer> {
        self.ask(Method::POST, url, shape).await
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Answer> {
        let request = format!("{method} {url}");
        let began = Instant::now();
        let failed = || format!("{request} got no answer; is the system up (make up)?");
        let response = shape(self.client.request(method.clone(), url))
            .send()
            .await
            .with_context(failed)?;
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = response
            .text()
            .await
            .with_context(|| format!("read the answer to {request}"))?;
        Ok(Answer {
            status,
            body,
            location,
            took: began.elapsed(),
            request,
        })
    }
}
