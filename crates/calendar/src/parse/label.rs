//! What an event probably is. A label helps people and echo detection; it never decides whether nights close.

use time::{Date, Duration};

use super::component::{RawEvent, Status};
use super::context::{ParseContext, RollingWindows};
use super::event::{ImportedEvent, Kind};
use crate::Channel;

/// What an event looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) kind: Kind,
    pub(super) is_tentative: bool,
    pub(super) has_reservation_marker: bool,
}

/// Beginnings of words that speak of a reservation, in lower case.
const STAY_WORDS: [&str; 10] = [
    "reserv", "réserv", "booked", "booking", "gebucht", "buchung", "prenot", "ocupad", "stay", "guest",
];
/// Beginnings of words that speak of a closure, in lower case; they win over the others.
const CLOSURE_WORDS: [&str; 12] = [
    "not available",
    "unavailable",
    "closed",
    "block",
    "indispon",
    "no disponible",
    "não dispon",
    "bloque",
    "cerrad",
    "fermé",
    "nicht verfügbar",
    "non disponibil",
];
/// How a tentative stay is called where STATUS does not say so (Vrbo), in lower case.
const TENTATIVE_WORDS: [&str; 4] = ["tentative", "provisoire", "provisional", "vorläufig"];

/// Labels an event by its channel's habits.
pub(super) fn label(channel: Channel, event: &RawEvent) -> Label {
    let summary = event.summary.to_lowercase();
    let is_tentative = event.status == Status::Tentative || says(&summary, &TENTATIVE_WORDS);
    let is_marked = match channel {
        Channel::Airbnb => event.describes_reservation || summary.trim_start().starts_with("reserved"),
        // The UID of a block is made of its dates.
        Channel::Vrbo => event.uid.as_deref().is_some_and(is_uuid) || summary.contains(" - "),
        // One text for stays and closures; ours is as fixed, and personal calendars have no such habit.
        Channel::Booking | Channel::Alojamientos | Channel::Google | Channel::Outlook | Channel::Apple => {
            false
        }
        Channel::Expedia | Channel::TripAdvisor | Channel::Smoobu | Channel::Other => is_stay(&summary),
    };
    let kind = match channel {
        Channel::Airbnb if is_marked => Kind::Stay,
        Channel::Vrbo if is_marked || is_tentative => Kind::Stay,
        Channel::Airbnb | Channel::Vrbo => Kind::Closure,
        // They cannot be told apart, and taking a stay for a closure is the worse mistake.
        Channel::Booking => Kind::Stay,
        Channel::Google | Channel::Outlook | Channel::Apple if !is_stay(&summary) => Kind::Closure,
        _ if says(&summary, &CLOSURE_WORDS) => Kind::Closure,
        _ => Kind::Stay,
    };
    Label {
        kind,
        is_tentative,
        has_reservation_marker: is_marked,
    }
}

/// Finds the rolling windows of an Airbnb feed among its closures.
pub(super) fn label_windows(events: &mut [ImportedEvent], context: &ParseContext<'_>) {
    let last = events.iter().map(|event| event.nights.end()).max();
    let closures = events.iter_mut().filter(|event| event.kind == Kind::Closure);
    for event in closures {
        let is_last = Some(event.nights.end()) == last;
        if is_notice(event, context) || is_last && is_horizon(event, context.today, &context.windows) {
            event.kind = Kind::Window;
        }
    }
}

/// Days inside the advance notice: from today on, and few.
fn is_notice(event: &ImportedEvent, context: &ParseContext<'_>) -> bool {
    event.nights.start() == context.today && event.nights.count() <= context.windows.notice_nights
}

/// Days beyond the booking horizon: from one of the horizons on, to the end of the feed.
fn is_horizon(event: &ImportedEvent, today: Date, windows: &RollingWindows) -> bool {
    let tolerance = Duration::days(i64::from(windows.tolerance_days));
    windows.horizon_months.iter().any(|months| {
        // 365.25 days to the year, rounded.
        let ahead = Duration::days((i64::from(*months) * 1_461 + 24) / 48);
        today
            .checked_add(ahead)
            .is_some_and(|horizon| (event.nights.start() - horizon).abs() <= tolerance)
    })
}

fn is_stay(summary: &str) -> bool {
    says(summary, &STAY_WORDS) && !says(summary, &CLOSURE_WORDS)
}

fn says(summary: &str, words: &[&str]) -> bool {
    words.iter().any(|word| summary.contains(word))
}

fn is_uuid(uid: &str) -> bool {
    let uid = uid.split('@').next().unwrap_or_default();
    let groups = uid.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && uid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
