//! Calls of the service, and of whoever reads our calendars.

use reqwest::Method;
use serde_json::Value;
use testkit::Answer;

use super::House;
use crate::replica::{Replica, TOKEN};

impl House {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(&self.replica, Method::GET, path, None).await
    }

    /// Every entry of a list, page by page.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let (mut all, mut query) = (Vec::new(), "limit=200".to_owned());
        loop {
            let page = self.get(&format!("{path}?{query}")).await.body;
            all.extend_from_slice(page["items"].as_array().unwrap());
            match page["next_cursor"].as_str() {
                Some(next) => query = format!("limit=200&cursor={next}"),
                None => return all,
            }
        }
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
