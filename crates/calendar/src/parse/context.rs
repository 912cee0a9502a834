//! What a reader must know besides the bytes.

use time::{Date, Duration};

use crate::{Channel, Zone};

/// How to read a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseContext<'a> {
    /// The property's zone.
    pub zone: Zone,
    /// Today in the property's zone.
    pub today: Date,
    /// The channel as it was registered; without it, PRODID decides.
    pub channel: Option<Channel>,
    /// The domain of our own UIDs: events under it are ours, come back.
    pub own_uid_domain: Option<&'a str>,
    /// What is too much.
    pub limits: Limits,
    /// How rolling windows are told from closures.
    pub windows: RollingWindows,
}

impl ParseContext<'_> {
    /// A context with the usual limits, an unknown channel and no domain of ours.
    #[must_use]
    pub fn new(zone: Zone, today: Date) -> Self {
        Self {
            zone,
            today,
            channel: None,
            own_uid_domain: None,
            limits: Limits::default(),
            windows: RollingWindows::default(),
        }
    }

    /// The first day beyond the horizon.
    pub(super) fn horizon(&self) -> Date {
        let ahead = Duration::days(i64::from(self.limits.horizon_days));
        self.today.checked_add(ahead).unwrap_or(Date::MAX)
    }
}

/// What is too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the body in bytes, after decompression: 5 MiB.
    pub bytes: usize,
    /// VEVENTs in a file: 10,000.
    pub events: u32,
    /// How many nights from today on are read: 730.
    pub horizon_days: u16,
    /// The longest single event in days, beyond which it is absurd: ten years.
    pub longest_days: u16,
    /// Steps of recurrence that one rule may take: 20,000.
    pub rule_steps: u32,
    /// Steps of recurrence that a whole file may take: 200,000.
    pub recurrence_steps: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 5 * 1024 * 1024,
            events: 10_000,
            horizon_days: 730,
            longest_days: 3_653,
            rule_steps: 20_000,
            recurrence_steps: 200_000,
        }
    }
}

/// How Airbnb's rolling windows look: closures that move on every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollingWindows {
    /// The longest advance notice in nights: a closure from today that is no longer may be a window.
    pub notice_nights: u32,
    /// The booking horizons that a host can choose, in months; the last closure of a feed that begins at one of
    /// them is a window.
    pub horizon_months: Vec<u8>,
    /// How far from the horizon, in days, such a closure may begin.
    pub tolerance_days: u8,
}

impl Default for RollingWindows {
    fn default() -> Self {
        Self {
            notice_nights: 7,
            horizon_months: vec![3, 6, 9, 12, 18, 24],
            tolerance_days: 3,
        }
    }
}
