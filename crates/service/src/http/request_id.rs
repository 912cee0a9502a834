//! `x-request-id`: kept if the caller sent a harmless one, else made.

use actix_web::http::header::{HeaderMap, HeaderName};

/// The header's name.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is kept.
const LONGEST: usize = 128;

/// The caller's id, if it sent exactly one of letters, digits, `-`, `_`, `.` and `:`.
#[must_use]
pub fn incoming(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(HEADER);
    let value = values.next()?.to_str().ok()?;
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    let keep = values.next().is_none() && (1..=LONGEST).contains(&value.len()) && value.bytes().all(harmless);
    keep.then(|| value.to_owned())
}
