//! Reading a feed as far as re-exporting it needs: UID and dates of each event.

use time::{Date, Duration, format_description::FormatItem, macros::format_description};

const DATE: &[FormatItem<'_>] = format_description!("[year][month][day]");

/// An event of a feed that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) uid: String,
    pub(crate) start: Date,
    pub(crate) end: Date,
}

/// The events of a whole calendar; `None` if it is not one, or was cut.
pub(crate) fn read(file: &str) -> Option<Vec<Read>> {
    let file = file.replace("\r\n ", "").replace("\n ", "");
    let mut lines = file.lines().map(str::trim_end).filter(|line| !line.is_empty());
    if lines.next()? != "BEGIN:VCALENDAR" || file.trim_end().lines().next_back()? != "END:VCALENDAR" {
        return None;
    }
    let mut events = Vec::new();
    let (mut uid, mut start, mut end) = (None, None, None);
    for line in lines {
        let (property, value) = line.split_once(':').unwrap_or((line, ""));
        match property.split(';').next().unwrap_or_default() {
            "BEGIN" if value == "VEVENT" => (uid, start, end) = (None, None, None),
            "UID" => uid = Some(value.to_owned()),
            "DTSTART" => start = date(value),
            "DTEND" => end = date(value),
            "END" if value == "VEVENT" => {
                if let Some(first) = start {
                    let last = end.filter(|end| first < *end).unwrap_or(first + Duration::DAY);
                    let uid = uid.take().unwrap_or_else(|| format!("{first}-{last}"));
                    events.push(Read {
                        uid,
                        start: first,
                        end: last,
                    });
                }
            }
            _ => {}
        }
    }
    Some(events)
}

fn date(value: &str) -> Option<Date> {
    Date::parse(value.get(..8)?, DATE).ok()
}
