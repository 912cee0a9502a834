//! Lists by pages: how many entries are asked for, after which place, and whether another page follows.

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::query::InvalidParameter;

/// How many entries a page has if nobody says.
const USUAL: i64 = 50;

/// What a caller says of the page that it wants, where a list has no other conditions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Where it begins: the `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many entries it has at most.
    pub limit: Option<i64>,
}

/// How many entries are asked for.
///
/// # Errors
///
/// Fewer than 1, or more than `most`.
pub fn limit(asked: Option<i64>, most: i64) -> Result<i64, InvalidParameter> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        let detail = format!("from 1 to {most}");
        Err(InvalidParameter::new("limit", "out_of_range", detail))
    }
}

/// The place after which a page begins; none at the list's beginning.
///
/// # Errors
///
/// `read` does not know the place.
pub fn cursor<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, InvalidParameter> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let malformed = || InvalidParameter::new("cursor", "malformed", "not a cursor of this list");
    read(text).map(Some).ok_or_else(malformed)
}

/// The last of `found`, which was read with one more than `limit` and is cut to it, if another page follows.
pub fn cut<T>(found: &mut Vec<T>, limit: i64) -> Option<&T> {
    let limit = usize::try_from(limit).ok()?;
    let more = limit < found.len();
    found.truncate(limit);
    found.last().filter(|_| more)
}

/// A place in a list that is ordered by instant, and within an instant by id, as a cursor.
#[must_use]
pub fn write_cursor(at: OffsetDateTime, id: Uuid) -> String {
    format!("{}.{}", at.unix_timestamp_nanos(), id.simple())
}

/// The place that [`write_cursor`] wrote.
#[must_use]
pub fn read_cursor(text: &str) -> Option<(OffsetDateTime, Uuid)> {
    let (nanos, id) = text.split_once('.')?;
    // From 1970 on, and no further than PostgreSQL reckons.
    let nanos = nanos.parse::<u64>().ok()?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos.into()).ok()?;
    Some((at, id.parse().ok()?))
}
