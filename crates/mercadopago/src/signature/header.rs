//! The parts of an `x-signature` header.

use time::{Duration, OffsetDateTime};

/// A well-formed header: the time as written, the instant it means, and the 32 signed bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) ts: &'a str,
    pub(super) signed_at: OffsetDateTime,
    pub(super) v1: [u8; 32],
}

impl<'a> Parts<'a> {
    /// Reads `ts=…,v1=…` in any order, with spaces around parts; unknown parts are ignored.
    ///
    /// `None` for anything else: a part missing or repeated, a foreign character, a wrong length.
    pub(super) fn parse(header: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(header).ok().filter(|text| text.is_ascii())?;
        let (mut ts, mut v1) = (None, None);
        for part in text.split(',') {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            let slot = match name.trim_matches([' ', '\t']) {
                "ts" => &mut ts,
                "v1" => &mut v1,
                _ => continue,
            };
            if slot.replace(value.trim_matches([' ', '\t'])).is_some() {
                return None;
            }
        }
        let (ts, v1) = (ts?, v1?);
        let mut bytes = [0; 32];
        hex::decode_to_slice(v1, &mut bytes).ok()?;
        Some(Self {
            ts,
            signed_at: instant(ts)?,
            v1: bytes,
        })
    }
}

/// Ten digits are seconds, thirteen are milliseconds: the documents say one, the deliveries show the other.
fn instant(ts: &str) -> Option<OffsetDateTime> {
    if !ts.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = ts.parse().ok()?;
    match ts.len() {
        10 => OffsetDateTime::from_unix_timestamp(number).ok(),
        13 => Some(OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(number)),
        _ => None,
    }
}
