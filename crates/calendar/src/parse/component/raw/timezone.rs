//! A VTIMEZONE as it is written.

use time::{PrimitiveDateTime, UtcOffset};

use super::Moment;
use crate::parse::property::Property;
use crate::parse::value::Written;

/// The most RDATEs of one observance.
const MOST_DATES: usize = 512;
/// The most RRULEs of one observance.
const MOST_RULES: usize = 4;

/// A time zone that a file describes itself.
#[derive(Debug, Default)]
pub(in crate::parse) struct RawTimezone {
    pub(in crate::parse) name: Option<String>,
    pub(in crate::parse) observances: Vec<RawObservance>,
}

/// STANDARD or DAYLIGHT: an offset and when it begins.
#[derive(Debug, Default)]
pub(in crate::parse) struct RawObservance {
    pub(in crate::parse) start: Option<PrimitiveDateTime>,
    pub(in crate::parse) offset_from: Option<UtcOffset>,
    pub(in crate::parse) offset_to: Option<UtcOffset>,
    pub(in crate::parse) rules: Vec<String>,
    pub(in crate::parse) more: Vec<PrimitiveDateTime>,
}

impl RawTimezone {
    /// Takes over a property of the zone or, inside one, of its last observance.
    pub(in crate::parse) fn set(&mut self, name: &[u8], property: &Property<'_>, in_observance: bool) {
        if !in_observance {
            if name.eq_ignore_ascii_case(b"TZID") && self.name.is_none() {
                self.name = Some(property.text(200).trim().to_owned());
            }
            return;
        }
        let Some(observance) = self.observances.last_mut() else {
            return;
        };
        match name.to_ascii_uppercase().as_slice() {
            b"DTSTART" => observance.start = Moment::read(property).map(|moment| wall(moment.written)),
            b"TZOFFSETFROM" => observance.offset_from = offset(&property.plain()),
            b"TZOFFSETTO" => observance.offset_to = offset(&property.plain()),
            b"RRULE" if observance.rules.len() < MOST_RULES => observance.rules.push(property.plain()),
            b"RDATE" => observance.add_dates(property),
            _ => {}
        }
    }
}

impl RawObservance {
    fn add_dates(&mut self, property: &Property<'_>) {
        let parameters = property.parameters();
        let plain = property.plain();
        let moments = plain
            .split(',')
            .filter_map(|text| Moment::from_text(text, &parameters));
        let room = MOST_DATES.saturating_sub(self.more.len());
        self.more
            .extend(moments.map(|moment| wall(moment.written)).take(room));
    }
}

fn wall(written: Written) -> PrimitiveDateTime {
    match written {
        Written::Wall(wall) | Written::Utc(wall) => wall,
        Written::Day(day) => day.midnight(),
    }
}

/// `-0300`, `+0545` or `-033000`.
fn offset(text: &str) -> Option<UtcOffset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => return None,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4)?.parse().ok()?;
    let seconds: i32 = digits.get(4..6).map_or(Some(0), |seconds| seconds.parse().ok())?;
    UtcOffset::from_whole_seconds(sign * (hours * 3_600 + minutes * 60 + seconds)).ok()
}
