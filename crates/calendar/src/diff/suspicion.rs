//! When a feed forgets too much at once.

use time::Date;

use super::{Block, Plan};
use crate::{Kind, NightSet};

/// Why a valid feed is not believed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It lists nothing any more.
    Emptied {
        /// How many nights from today on would be released.
        nights: u64,
    },
    /// More than half of the closed nights from today on are gone.
    MostNightsGone {
        /// How many would be released.
        gone: u64,
        /// Of how many.
        of: u64,
    },
}

impl Suspicion {
    /// Its name in storage and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Emptied { .. } => "emptied",
            Self::MostNightsGone { .. } => "most_nights_gone",
        }
    }
}

/// Judges `plan`, which was made for `old`. Rolling windows and echoes come and go without suspicion.
pub(super) fn of<Id>(old: &[&Block<Id>], plan: &Plan<'_, Id>, today: Date) -> Option<Suspicion> {
    let real = old.iter().map(|block| &block.content);
    let real = real.filter(|content| content.kind != Kind::Window && content.echo_of.is_none());
    let before: NightSet = real.filter_map(|content| content.nights.from(today)).collect();
    if before.is_empty() {
        return None;
    }
    let after = plan.nights().from(today);
    let (gone, of) = (before.difference(&after).count(), before.count());
    if after.is_empty() {
        Some(Suspicion::Emptied { nights: of })
    } else if of < gone.saturating_mul(2) {
        Some(Suspicion::MostNightsGone { gone, of })
    } else {
        None
    }
}
