//! What a service answered, read to its end.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The longest that an answer may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Sends `request` and reads its answer.
    ///
    /// # Panics
    ///
    /// If nobody answers within a minute.
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.timeout(PATIENCE).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole answer");
        Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    /// A header; empty if there is none.
    ///
    /// # Panics
    ///
    /// If it is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a header of text"))
    }

    /// Status and code of a refusal.
    ///
    /// # Panics
    ///
    /// If it is no problem through and through.
    #[must_use]
    #[track_caller]
    pub fn problem(&self) -> (u16, &str) {
        let body = &self.body;
        let kind = self.header("content-type");
        assert_eq!(kind, "application/problem+json", "{self:?}");
        assert_eq!(body["status"], self.status, "{self:?}");
        for member in ["type", "title", "instance", "code"] {
            assert!(body[member].is_string(), "no {member}: {self:?}");
        }
        let retry_after = body["retry_after"].as_u64().map(|seconds| seconds.to_string());
        assert_eq!(
            self.header("retry-after"),
            retry_after.unwrap_or_default(),
            "{self:?}"
        );
        (self.status, body["code"].as_str().unwrap_or_default())
    }

    /// Status and code of a refusal, and the first field that is wrong.
    ///
    /// # Panics
    ///
    /// If it is no problem through and through.
    #[must_use]
    #[track_caller]
    pub fn refusal(&self) -> (u16, &str, &str) {
        let (status, code) = self.problem();
        let field = self.body.pointer("/errors/0/field").and_then(Value::as_str);
        (status, code, field.unwrap_or_default())
    }
}
