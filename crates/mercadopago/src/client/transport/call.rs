//! One call, as it is repeated: path, query, key and body never change between attempts.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::client::Operation;
use crate::error::CallError;

/// What is asked of the provider.
pub(in crate::client) struct Call {
    pub(super) operation: Operation,
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    key: Option<Uuid>,
    renders_in_process: bool,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A call of the path with these segments, each percent-encoded on its own.
    pub(in crate::client) fn new(operation: Operation, method: Method, path: &[&str]) -> Self {
        Self {
            operation,
            method,
            path: path.iter().map(ToString::to_string).collect(),
            query: Vec::new(),
            key: None,
            renders_in_process: false,
            body: None,
        }
    }

    pub(in crate::client) fn query(self, query: Vec<(&'static str, String)>) -> Self {
        Self { query, ..self }
    }

    /// The idempotency key, bare as the provider wants it.
    pub(in crate::client) fn key(self, key: Uuid) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// Asks for a refund in contingency to be answered as being in process, rather than refused.
    pub(in crate::client) fn renders_in_process(self) -> Self {
        Self {
            renders_in_process: true,
            ..self
        }
    }

    pub(in crate::client) fn json<T: Serialize>(self, body: &T) -> Result<Self, CallError> {
        let body = serde_json::to_vec(body).map_err(|error| CallError::Request(error.into()))?;
        Ok(Self {
            body: Some(body),
            ..self
        })
    }

    pub(super) fn request(&self, http: &Client, base_url: &Url) -> Result<RequestBuilder, CallError> {
        let mut url = base_url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(&self.path),
            Err(()) => return Err(CallError::Request("the base URL takes no path".into())),
        };
        let mut request = http.request(self.method.clone(), url).query(&self.query);
        if let Some(key) = self.key {
            request = request.header("X-Idempotency-Key", key.to_string());
        }
        if self.renders_in_process {
            request = request.header("X-Render-In-Process-Refunds", "true");
        }
        if let Some(body) = &self.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        Ok(request)
    }
}
