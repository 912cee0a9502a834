//! Values: dates, times and durations.

use time::{Date, Duration, Month, PrimitiveDateTime, Time};

/// The last second of a day.
pub(crate) const LAST_SECOND: Time = match Time::from_hms(23, 59, 59) {
    Ok(time) => time,
    Err(_) => Time::MIDNIGHT,
};

/// A date or time, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Written {
    /// `20261110`.
    Day(Date),
    /// `20261110T150000`, on a clock that stands elsewhere.
    Wall(PrimitiveDateTime),
    /// `20261110T150000Z`.
    Utc(PrimitiveDateTime),
}

/// Reads a date or a time; hyphens and colons of ISO 8601 do no harm.
pub(crate) fn written(text: &str) -> Option<Written> {
    let text = text.trim();
    if 32 < text.len() {
        return None;
    }
    let plain: String = text
        .chars()
        .filter(|character| !matches!(character, '-' | ':'))
        .collect();
    let (day, time) = match plain.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (plain.as_str(), None),
    };
    let day = date(day)?;
    let Some(time) = time else {
        return Some(Written::Day(day));
    };
    match time.strip_suffix(['Z', 'z']) {
        Some(time) => Some(Written::Utc(wall(day, time)?)),
        None => Some(Written::Wall(wall(day, time)?)),
    }
}

fn date(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    let year = digits(text.get(..4)?)?;
    let month = u8::try_from(digits(text.get(4..6)?)?).ok()?;
    let day = u8::try_from(digits(text.get(6..)?)?).ok()?;
    // Our calendar began in 1582; calendars without a year write 1604, and none is older.
    if year < 1600 {
        return None;
    }
    Date::from_calendar_date(i32::from(year), Month::try_from(month).ok()?, day).ok()
}

fn wall(day: Date, time: &str) -> Option<PrimitiveDateTime> {
    let (hour, minute, second) = match time.len() {
        6 => (time.get(..2)?, time.get(2..4)?, time.get(4..)?),
        4 => (time.get(..2)?, time.get(2..)?, "00"),
        _ => return None,
    };
    let (hour, minute, second) = (digits(hour)?, digits(minute)?, digits(second)?);
    if (hour, minute, second) == (24, 0, 0) {
        return Some(PrimitiveDateTime::new(day.next_day()?, Time::MIDNIGHT));
    }
    // A leap second is the second before it.
    let second = if second == 60 { 59 } else { second };
    let time = Time::from_hms(
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
    );
    Some(PrimitiveDateTime::new(day, time.ok()?))
}

fn digits(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// A duration as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenDuration {
    /// So long; it may be negative.
    Exactly(Duration),
    /// Well formed, and longer than any number here can hold.
    Overflow,
}

/// Reads a duration such as `P3D`, `P1W`, `PT20H` or `-P1DT2H`; `P1H`, a known mistake, is `PT1H`.
pub(crate) fn duration(text: &str) -> Option<WrittenDuration> {
    let text = text.trim().to_ascii_uppercase();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let mut seconds = Some(0_i64);
    let mut number = String::new();
    let (mut has_part, mut in_time) = (false, false);
    for character in text.strip_prefix('P')?.chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        if character == 'T' && number.is_empty() {
            in_time = true;
            continue;
        }
        let unit = match character {
            'W' => 7 * 86_400,
            'D' => 86_400,
            'H' => 3_600,
            'M' if in_time => 60,
            'S' => 1,
            _ => return None,
        };
        if number.is_empty() {
            return None;
        }
        let part = number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(unit));
        seconds = seconds.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        number.clear();
        has_part = true;
    }
    if !has_part || !number.is_empty() {
        return None;
    }
    match seconds {
        Some(seconds) => Some(WrittenDuration::Exactly(Duration::seconds(if negative {
            -seconds
        } else {
            seconds
        }))),
        None => Some(WrittenDuration::Overflow),
    }
}
