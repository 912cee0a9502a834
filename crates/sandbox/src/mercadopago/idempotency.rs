//! `X-Idempotency-Key`: the same key gets the same answer, and its work is done once.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde_json::Value;

use super::failure::Failure;

/// Answers by operation and key.
#[derive(Default)]
pub(crate) struct Answers(HashMap<(String, String), Stored>);

struct Stored {
    request: Value,
    status: StatusCode,
    body: Value,
}

impl Answers {
    /// The stored answer to `key`, if there is one; the same key with another payload is a conflict.
    pub(crate) fn replay(
        &self,
        operation: &str,
        key: &str,
        request: &Value,
    ) -> Result<Option<HttpResponse>, Failure> {
        match self.0.get(&(operation.to_owned(), key.to_owned())) {
            None => Ok(None),
            Some(stored) if stored.request == *request => {
                Ok(Some(HttpResponse::build(stored.status).json(&stored.body)))
            }
            Some(_) => Err(Failure::conflict(
                "X-Idempotency-Key was used with another payload",
            )),
        }
    }

    pub(crate) fn store(
        &mut self,
        operation: &str,
        key: &str,
        request: Value,
        status: StatusCode,
        body: Value,
    ) {
        self.0.insert(
            (operation.to_owned(), key.to_owned()),
            Stored {
                request,
                status,
                body,
            },
        );
    }
}

/// The key of a request, if it has one.
pub(crate) fn key(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get("x-idempotency-key")?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// The key of a request that must have one.
pub(crate) fn required_key(request: &HttpRequest) -> Result<&str, Failure> {
    let missing = "Header X-Idempotency-Key can't be null";
    key(request).ok_or_else(|| Failure::bad_request("bad_request", missing).because(4292))
}
