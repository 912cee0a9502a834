//! `Retry-After` as a client reads it.

use std::time::Duration;

use time::format_description::well_known::Rfc2822;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::FormatItem, macros::format_description};

const HTTP_DATE: &[FormatItem<'static>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// How long a server asks us to wait: seconds or an HTTP date, at most `longest`. A past date is now; nonsense is
/// `None`.
#[must_use]
pub fn parse(header: &str, now: OffsetDateTime, longest: Duration) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still "a long time".
        let seconds = header.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(longest));
    }
    let date = match PrimitiveDateTime::parse(header, HTTP_DATE) {
        Ok(date) => date.assume_utc(),
        Err(_not_http) => OffsetDateTime::parse(header, &Rfc2822).ok()?,
    };
    let wait = Duration::try_from(date - now).unwrap_or(Duration::ZERO);
    Some(wait.min(longest))
}
