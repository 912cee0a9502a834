//! What to do with the blocks of a feed.

use super::{Block, Content, Suspicion};
use crate::{NightSet, Nights};

/// What makes the stored blocks of a feed say what the feed says.
///
/// Blocks that ended before today appear nowhere in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a, Id> {
    /// Blocks that stay as they are.
    pub keep: Vec<&'a Block<Id>>,
    /// Blocks that say something else now.
    pub change: Vec<Changed<'a, Id>>,
    /// New blocks.
    pub add: Vec<Content>,
    /// Blocks that the feed no longer lists.
    pub remove: Vec<Removed<'a, Id>>,
    /// Why releasing nights should wait, if it should.
    pub suspicion: Option<Suspicion>,
}

/// A block that says something else now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<'a, Id> {
    /// The block as it is stored.
    pub block: &'a Block<Id>,
    /// All that it says now.
    pub to: Content,
    /// What sort of change it is.
    pub change: Change,
}

/// What sort of change a block went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its nights are others: worth an event and a line in the timeline.
    Moved,
    /// Its nights are others only because days pass: a rolling window, or the end of the horizon.
    Rolled,
    /// Its nights are the same; UID, kind, tentativeness or echo are not.
    Relabelled,
}

/// A block that the feed no longer lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed<'a, Id> {
    /// The block as it is stored.
    pub block: &'a Block<Id>,
    /// Its nights before today, which stay as history: the block is cut to them instead of being deleted.
    pub past: Option<Nights>,
}

// Not derived, since `Id` needs no default.
impl<Id> Default for Plan<'_, Id> {
    fn default() -> Self {
        Self {
            keep: Vec::new(),
            change: Vec::new(),
            add: Vec::new(),
            remove: Vec::new(),
            suspicion: None,
        }
    }
}

impl<Id> Plan<'_, Id> {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.change.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }

    /// What of the plan may be done while releases are on hold: it closes nights and frees none.
    ///
    /// A block whose move would free nights stays where it is, and its new nights become a block of their own.
    #[must_use]
    pub fn closing_only(self) -> Self {
        let mut closing = Self {
            keep: self.keep,
            add: self.add,
            suspicion: self.suspicion,
            ..Self::default()
        };
        for changed in self.change {
            let (before, after) = (changed.block.content.nights, changed.to.nights);
            if after.covers(before) && !changed.newly_bound() {
                closing.change.push(changed);
                continue;
            }
            closing.keep.push(changed.block);
            if !before.covers(after) {
                closing.add.push(changed.to);
            }
        }
        closing
            .keep
            .extend(self.remove.iter().map(|removed| removed.block));
        closing
    }

    /// The nights that the feed's blocks close when the plan is done, echoes included.
    #[must_use]
    pub fn nights(&self) -> NightSet {
        let kept = self.keep.iter().map(|block| block.content.nights);
        let changed = self.change.iter().map(|changed| changed.to.nights);
        let added = self.add.iter().map(|content| content.nights);
        let past = self.remove.iter().filter_map(|removed| removed.past);
        kept.chain(changed).chain(added).chain(past).collect()
    }
}

impl<Id> Changed<'_, Id> {
    /// Whether the block becomes an echo, which may free nights later.
    fn newly_bound(&self) -> bool {
        self.block.content.echo_of.is_none() && self.to.echo_of.is_some()
    }
}
