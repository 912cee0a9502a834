//! One calendar of one channel: what it holds and how it is told.

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};
use url::Url;
use uuid::Uuid;

use super::{answer::Scripted, dialect::Dialect, iso_date, reading::Read};

/// A calendar as a channel keeps it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Calendar {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) quirks: Quirks,
    pub(crate) stays: Vec<Stay>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) changed: OffsetDateTime,
    /// Feeds that it imports and re-exports.
    pub(crate) echo: Vec<Url>,
    /// What the last good import brought, feed by feed.
    #[serde(skip)]
    pub(crate) imported: Vec<(Url, Vec<Read>)>,
    /// The next answers, before the usual.
    pub(crate) script: Vec<Scripted>,
}

/// Habits of single channels; all off unless switched on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Quirks {
    /// Airbnb: the next days come as not available, and move every day.
    pub(crate) notice_days: u16,
    /// Airbnb: everything beyond so many days comes as not available; 0 is off.
    pub(crate) horizon_days: u16,
    /// Booking.com: during a stay, DTSTART moves forward and the UID changes.
    pub(crate) moves_start: bool,
    /// Smoobu: every stay is listed so many times more.
    pub(crate) repeats: u8,
    /// Vrbo: summaries in French.
    pub(crate) french: bool,
    /// Airbnb: no DTSTAMP, as in older exports.
    pub(crate) without_stamp: bool,
}

/// Closed nights, from `start` up to but not including `end`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stay {
    pub(crate) key: Uuid,
    #[serde(with = "iso_date")]
    pub(crate) start: Date,
    #[serde(with = "iso_date")]
    pub(crate) end: Date,
    pub(crate) kind: Kind,
    pub(crate) guest: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) changed: OffsetDateTime,
}

/// Why the nights are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A guest comes.
    #[default]
    Reservation,
    /// A guest may come; it closes the nights all the same.
    Tentative,
    /// Closed by the host.
    Block,
    /// Google: an all-day event that means "free".
    Free,
}

/// A stay to add, or new dates for one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStay {
    #[serde(with = "iso_date")]
    pub(crate) start: Date,
    #[serde(with = "iso_date")]
    pub(crate) end: Date,
    #[serde(default)]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) guest: String,
}

/// What a test sets on a calendar; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarChange {
    pub(crate) dialect: Option<Dialect>,
    pub(crate) quirks: Option<Quirks>,
    /// Instead of all stays.
    pub(crate) stays: Option<Vec<NewStay>>,
    pub(crate) echo: Option<Vec<Url>>,
}

/// Why a stay cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StayError {
    #[error("a stay ends after it starts")]
    Backwards,
    #[error("there is no such stay")]
    Unknown,
}

impl Calendar {
    pub(crate) fn new(name: &str, dialect: Dialect, now: OffsetDateTime) -> Self {
        Self {
            name: name.to_owned(),
            dialect,
            quirks: Quirks::default(),
            stays: Vec::new(),
            changed: now,
            echo: Vec::new(),
            imported: Vec::new(),
            script: Vec::new(),
        }
    }

    pub(crate) fn apply(&mut self, change: CalendarChange, now: OffsetDateTime) -> Result<(), StayError> {
        if let Some(stays) = change.stays {
            if stays.iter().any(|stay| stay.end <= stay.start) {
                return Err(StayError::Backwards);
            }
            self.stays.clear();
            for stay in stays {
                self.add(stay, now)?;
            }
        }
        self.dialect = change.dialect.unwrap_or(self.dialect);
        if let Some(quirks) = change.quirks {
            self.quirks = quirks;
        }
        if let Some(echo) = change.echo {
            self.echo = echo;
            self.imported.retain(|(url, _)| self.echo.contains(url));
        }
        self.changed = now;
        Ok(())
    }

    /// Adds a stay and returns its key.
    pub(crate) fn add(&mut self, stay: NewStay, now: OffsetDateTime) -> Result<Uuid, StayError> {
        if stay.end <= stay.start {
            return Err(StayError::Backwards);
        }
        let key = Uuid::new_v4();
        let NewStay {
            start,
            end,
            kind,
            guest,
        } = stay;
        self.stays.push(Stay {
            key,
            start,
            end,
            kind,
            guest,
            changed: now,
        });
        self.changed = now;
        Ok(key)
    }

    /// Gives a stay new dates; its key stays, as Airbnb's UIDs do.
    pub(crate) fn move_to(
        &mut self,
        key: Uuid,
        start: Date,
        end: Date,
        now: OffsetDateTime,
    ) -> Result<(), StayError> {
        if end <= start {
            return Err(StayError::Backwards);
        }
        let stay = self
            .stays
            .iter_mut()
            .find(|stay| stay.key == key)
            .ok_or(StayError::Unknown)?;
        (stay.start, stay.end, stay.changed) = (start, end, now);
        self.changed = now;
        Ok(())
    }

    pub(crate) fn remove(&mut self, key: Uuid, now: OffsetDateTime) -> Result<(), StayError> {
        let before = self.stays.len();
        self.stays.retain(|stay| stay.key != key);
        if self.stays.len() == before {
            return Err(StayError::Unknown);
        }
        self.changed = now;
        Ok(())
    }

    /// The next scripted answer, used up by one turn.
    pub(crate) fn next_answer(&mut self) -> Option<super::Answer> {
        let scripted = self.script.first_mut()?;
        let answer = scripted.answer.clone();
        if let Some(times) = &mut scripted.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.script.remove(0);
            }
        }
        Some(answer)
    }

    /// The window closed by the advance notice, and the one beyond the horizon, as seen on `today`.
    pub(crate) fn windows(&self, today: Date) -> Vec<(Date, Date)> {
        let days = |count: u16| Duration::days(i64::from(count));
        let mut windows = Vec::new();
        if 0 < self.quirks.notice_days {
            windows.push((today, today + days(self.quirks.notice_days)));
        }
        if 0 < self.quirks.horizon_days {
            let from = today + days(self.quirks.horizon_days);
            windows.push((from, from + days(365)));
        }
        windows
    }
}
