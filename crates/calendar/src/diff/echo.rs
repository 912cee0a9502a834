//! Echoes: our own closed nights, come back as the channel's.

use time::Date;

use super::{Content, DiffContext};
use crate::{ImportedEvent, Kind, Nights};

/// The UID of what `event` probably echoes.
///
/// `before` is the block that it continues with the same nights: an echo stays one, also when our reason is gone
/// (so that a ring of channels lets go of it), and what was there before a stay of ours is none. Other channels tell
/// each other in any order: of two blocks with the same nights one becomes the other's echo, whichever came first, so
/// that the two do not keep each other alive through us.
pub(super) fn of(
    event: &ImportedEvent,
    kind: Kind,
    before: Option<&Content>,
    context: &DiffContext<'_>,
) -> Option<String> {
    if event.has_reservation_marker || kind == Kind::Window {
        return None;
    }
    if let Some(echo_of) = before.and_then(|before| before.echo_of.clone()) {
        return Some(echo_of);
    }
    let own = context
        .own
        .iter()
        .filter(|own| before.is_none() || !own.is_ours)
        .filter(|own| is_same(own.nights, event, context.today));
    own.map(|own| &own.uid).min().cloned()
}

/// Whether both close the same nights from today on.
fn is_same(own: Nights, event: &ImportedEvent, today: Date) -> bool {
    let Some(own) = own.from(today) else {
        return false;
    };
    if event.is_clipped {
        return event
            .nights
            .from(today)
            .is_some_and(|nights| own.covers(nights) && own.start() == nights.start());
    }
    event.nights.from(today) == Some(own)
}
