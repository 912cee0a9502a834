//! Calls of the service, and of whoever reads our calendars.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::House;
use crate::replica::{Replica, TOKEN};

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// Sends `request`.
    pub(super) async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
            text,
        }
    }
}

impl House {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(&self.replica, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(&self.replica, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn call(
        &self,
        replica: &Replica,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("{}/internal/v1{path}", replica.url);
        let mut request = self.client.request(method, url);
        request = request
            .header("x-internal-token", TOKEN)
            .header("x-actor", "staff:ana@example.com");
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::to(request).await
    }

    pub(crate) async fn probe(&self, path: &str) -> Answer {
        Answer::to(self.client.get(format!("{}{path}", self.replica.url))).await
    }

    pub(crate) async fn read(&self, url: &str) -> Answer {
        Answer::to(self.client.get(url)).await
    }

    pub(crate) async fn read_with(&self, url: &str, header: &str, value: &str) -> Answer {
        Answer::to(self.client.get(url).header(header, value)).await
    }
}
