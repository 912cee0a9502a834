//! `Retry-After`, in both of its forms (RFC 9110, 10.2.3).

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longer waits are cut to this; a provider that means days has made a mistake.
const LONGEST: Duration = Duration::from_hours(1);

/// How long the provider wants to be left alone; `None` without the header or with nonsense in it.
///
/// A date is compared with the answer's own `Date`, so that neither of the two clocks needs to be right.
/// A date in the past means now.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(LONGEST)
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        until
            .duration_since(answered_at(headers)?)
            .unwrap_or(Duration::ZERO)
    };
    (!value.is_empty()).then_some(wait.min(LONGEST))
}

fn answered_at(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

    use super::{LONGEST, read};

    fn wait(retry_after: &str, date: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if !date.is_empty() {
            headers.insert(DATE, date.parse().unwrap());
        }
        read(&headers)
    }

    #[test]
    fn seconds_and_dates_are_read_and_clamped() {
        let date = "Tue, 01 Dec 2026 12:00:00 GMT";
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(wait("7", ""), seconds(7));
        assert_eq!(wait("0", ""), seconds(0));
        assert_eq!(wait("Tue, 01 Dec 2026 12:00:30 GMT", date), seconds(30));
        assert_eq!(wait("Tue, 01 Dec 2026 11:00:00 GMT", date), seconds(0));
        assert_eq!(wait("Tue, 01 Dec 2099 11:00:00 GMT", date), Some(LONGEST));
        assert_eq!(wait("99999999999999999999999", ""), Some(LONGEST));
    }

    #[test]
    fn nonsense_is_ignored() {
        for value in ["", "soon", "-1", "1.5", "Tue, 01 Dec 2026 12:00:30 GMT"] {
            assert_eq!(wait(value, ""), None, "{value}");
        }
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
