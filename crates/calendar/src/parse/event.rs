//! From components to closed nights.

mod importer;

pub(super) use importer::Importer;

use std::sync::Arc;

use time::Date;

use super::verdict::{Broken, Verdict};
use super::warning::{Warning, Warnings};
use crate::export::fingerprint;
use crate::{Channel, NightSet, Nights};

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Whether it may be believed.
    pub verdict: Verdict,
    /// The channel by whose habits it was read.
    pub channel: Channel,
    /// The channel that PRODID gives away.
    pub channel_by_prodid: Option<Channel>,
    /// What closes nights from today to the horizon, sorted by nights and UID; nothing if the body is broken.
    pub events: Vec<ImportedEvent>,
    /// What became of the VEVENTs.
    pub tally: Tally,
    /// What was read with a guess, or not at all.
    pub warnings: Vec<Warning>,
    /// How many more warnings there were.
    pub warnings_left_out: u32,
}

/// One reason for closed nights. Nothing in it tells who stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedEvent {
    /// The UID; without one, `nouid-` and a digest of dates and text. Not unique, and not for ever.
    pub uid: Arc<str>,
    /// For an instance of a recurring event, the day on which its series has it.
    pub instance: Option<Date>,
    /// The closed nights; the start may lie before today.
    pub nights: Nights,
    /// Whether the end was cut off at the horizon, which moves on every day.
    pub is_clipped: bool,
    /// What it probably is.
    pub kind: Kind,
    /// Whether it is not yet certain; it closes all the same.
    pub is_tentative: bool,
    /// Whether something proves that it is a reservation, so that it cannot be an echo of ours.
    pub has_reservation_marker: bool,
}

/// What an event probably is; all kinds close their nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody stays.
    Stay,
    /// The host closed the nights.
    Closure,
    /// A closure that rolls on every day: the advance notice, or what lies beyond the booking horizon.
    Window,
}

impl Kind {
    /// Its name in storage and in the API, which is also a safe label: `stay`, `closure` or `window`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Closure => "closure",
            Self::Window => "window",
        }
    }
}

/// What became of the VEVENTs of a file.
///
/// Each is counted once, in the place that fits first; those that are not counted gave events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub listed: u32,
    /// STATUS:CANCELLED.
    pub cancelled: u32,
    /// Ours, come back under our own UID.
    pub own: u32,
    /// Marked as free in a personal calendar.
    pub free: u32,
    /// Unreadable or absurd; each has a warning.
    pub rejected: u32,
    /// Without a night: the event crosses no midnight, or another version of it counts.
    pub nightless: u32,
    /// Over before today.
    pub past: u32,
    /// Beyond the horizon.
    pub beyond: u32,
}

impl Parsed {
    /// The union of all closed nights, from today on or not.
    #[must_use]
    pub fn nights(&self) -> NightSet {
        self.events.iter().map(|event| event.nights).collect()
    }

    /// A digest of what is listed, windows and the horizon's edge apart: two fetches with the same one agree.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let lasting = self.events.iter().filter(|event| event.kind != Kind::Window);
        let ranges = lasting.map(|event| {
            if event.is_clipped {
                format!("{}..", event.nights.start())
            } else {
                event.nights.to_string()
            }
        });
        fingerprint(ranges.collect::<Vec<_>>().join(" ").as_bytes())
    }

    pub(super) fn whole(
        events: Vec<ImportedEvent>,
        tally: Tally,
        channel: Channel,
        channel_by_prodid: Option<Channel>,
        warnings: Warnings,
    ) -> Self {
        let verdict = if events.is_empty() {
            Verdict::Empty
        } else {
            Verdict::Good
        };
        let (warnings, warnings_left_out) = (warnings.kept, warnings.left_out);
        Self {
            verdict,
            channel,
            channel_by_prodid,
            events,
            tally,
            warnings,
            warnings_left_out,
        }
    }

    pub(super) fn broken(broken: Broken, channel: Option<Channel>, warnings: Warnings) -> Self {
        Self {
            verdict: Verdict::Broken(broken),
            channel: channel.unwrap_or(Channel::Other),
            channel_by_prodid: None,
            events: Vec::new(),
            tally: Tally::default(),
            warnings: warnings.kept,
            warnings_left_out: warnings.left_out,
        }
    }
}
