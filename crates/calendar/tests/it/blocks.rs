//! Stored blocks in tests: made, compared and changed by a plan.

use calendar::{Block, Content, DiffContext, ImportedEvent, Kind, NightSet, Nights, OwnEvent, Plan, diff};
use time::{Date, Duration};

use crate::feed::TODAY;

/// Nights from today's date plus `start` to plus `end`.
pub(crate) fn nights(start: i64, end: i64) -> Nights {
    Nights::new(TODAY + Duration::days(start), TODAY + Duration::days(end)).unwrap()
}

/// An event as a feed without habits lists it.
pub(crate) fn listed(uid: &str, start: i64, end: i64) -> ImportedEvent {
    ImportedEvent {
        uid: uid.into(),
        instance: None,
        nights: nights(start, end),
        is_clipped: false,
        kind: Kind::Stay,
        is_tentative: false,
        has_reservation_marker: false,
    }
}

/// The block of such an event.
pub(crate) fn stored(uid: &str, start: i64, end: i64) -> Content {
    Content {
        uid: uid.to_owned(),
        instance: None,
        nights: nights(start, end),
        kind: Kind::Stay,
        is_tentative: false,
        echo_of: None,
    }
}

/// The blocks of one feed, as a service would store them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) stored: Vec<Block<u32>>,
    next: u32,
}

impl Blocks {
    pub(crate) fn of(contents: impl IntoIterator<Item = Content>) -> Self {
        let mut blocks = Self::default();
        for content in contents {
            blocks.add(content);
        }
        blocks
    }

    pub(crate) fn add(&mut self, content: Content) {
        self.stored.push(Block {
            id: self.next,
            content,
        });
        self.next += 1;
    }

    /// Reads a feed and does all that the plan says.
    pub(crate) fn read(&mut self, events: &[ImportedEvent], today: Date, own: &[OwnEvent]) {
        let before = self.stored.clone();
        self.apply(diff(&before, events, &DiffContext { today, own }));
    }

    pub(crate) fn apply(&mut self, plan: Plan<'_, u32>) {
        for changed in plan.change {
            self.block(changed.block.id).content = changed.to;
        }
        for removed in plan.remove {
            match removed.past {
                Some(past) => self.block(removed.block.id).content.nights = past,
                None => self.stored.retain(|block| block.id != removed.block.id),
            }
        }
        for content in plan.add {
            self.add(content);
        }
    }

    pub(crate) fn nights(&self) -> NightSet {
        self.stored.iter().map(|block| block.content.nights).collect()
    }

    fn block(&mut self, id: u32) -> &mut Block<u32> {
        self.stored.iter_mut().find(|block| block.id == id).unwrap()
    }
}
