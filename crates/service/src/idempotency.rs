//! The `Idempotency-Key` header, and the fingerprint that tells one request from another.

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use ring::digest;
use serde_json::Value;
use std::future::{Ready, ready};

use crate::problem::Problem;

/// The header's name.
pub const HEADER: &str = "idempotency-key";

/// The longest key.
const LONGEST: usize = 255;

/// The caller's key, bare; as an extractor it answers 400 if the header is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// What is wrong with the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not there.
    #[error("Idempotency-Key is required")]
    Missing,
    /// It is there twice.
    #[error("Idempotency-Key was sent more than once")]
    Twice,
    /// It is empty.
    #[error("Idempotency-Key is empty")]
    Empty,
    /// It is over 255 characters.
    #[error("Idempotency-Key has more than 255 characters")]
    TooLong,
    /// It is neither a quoted string nor plain visible ASCII.
    #[error("Idempotency-Key is malformed")]
    Malformed,
}

impl IdempotencyKey {
    /// Reads the one key of a request; `"k"` and `k` are the same.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if there is not exactly one usable key.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, KeyError> {
        let mut values = headers.get_all(HEADER);
        let value = values.next().ok_or(KeyError::Missing)?;
        if values.next().is_some() {
            return Err(KeyError::Twice);
        }
        Self::parse(value.as_bytes())
    }

    /// Reads the value of the header.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if it is empty, too long or malformed.
    pub fn parse(value: &[u8]) -> Result<Self, KeyError> {
        let value = std::str::from_utf8(value)
            .map_err(|_not_text| KeyError::Malformed)?
            .trim();
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(KeyError::Malformed);
        }
        let key = match value.strip_prefix('"') {
            Some(rest) => unquoted(rest)?,
            None if value.contains('"') => return Err(KeyError::Malformed),
            None => value.to_owned(),
        };
        match key.len() {
            0 => Err(KeyError::Empty),
            1..=LONGEST => Ok(Self(key)),
            _ => Err(KeyError::TooLong),
        }
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The inside of a structured-field string, after its opening quote.
fn unquoted(rest: &str) -> Result<String, KeyError> {
    let mut key = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next() {
            Some('"') => break,
            Some('\\') => match characters.next() {
                Some(escaped @ ('"' | '\\')) => key.push(escaped),
                _ => return Err(KeyError::Malformed),
            },
            Some(character) => key.push(character),
            None => return Err(KeyError::Malformed),
        }
    }
    if characters.next().is_some() {
        Err(KeyError::Malformed)
    } else {
        Ok(key)
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        let kind = match error {
            KeyError::Missing => "/problems/idempotency-key-missing",
            KeyError::Twice | KeyError::Empty | KeyError::TooLong | KeyError::Malformed => {
                "/problems/idempotency-key-malformed"
            }
        };
        Self::new(400, kind, "A usable Idempotency-Key is required").detail(error)
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::from_headers(request.headers()).map_err(Problem::from))
    }
}

/// Names what is asked for: SHA-256 over method, path and the parsed body, whatever its spacing and key order.
#[must_use]
pub fn fingerprint(method: &str, path: &str, body: &Value) -> Vec<u8> {
    let mut text = format!("{method}\n{path}\n");
    write_canonical(body, &mut text);
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            // Sorted here: serde_json keeps the sender's order if any crate in the build asks it to.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                write_canonical(value, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}
