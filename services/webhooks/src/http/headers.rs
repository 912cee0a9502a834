//! Headers of a delivery, as bytes and as kept.

use actix_web::http::header::HeaderMap;
use serde_json::{Map, Value};

/// The bytes of a header; if it came more than once, the values joined by commas.
pub(super) fn bytes(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = headers
        .get_all(name)
        .map(actix_web::http::header::HeaderValue::as_bytes)
        .collect();
    (!values.is_empty()).then(|| values.join(&b','))
}

/// The headers of these names, as an object of strings.
pub(super) fn kept(headers: &HeaderMap, names: &[&str]) -> Value {
    let pairs = names.iter().filter_map(|name| {
        let value = bytes(headers, name)?;
        let text = String::from_utf8_lossy(&value).into_owned();
        Some(((*name).to_owned(), Value::String(text)))
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
