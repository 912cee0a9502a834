//! Which stored block an event continues.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use time::Date;

use super::Block;
use crate::{ImportedEvent, Kind, Nights};

/// Blocks and events, paired as far as they go.
pub(super) struct Pairs<'a, Id> {
    pub(super) matched: Vec<(&'a Block<Id>, &'a ImportedEvent)>,
    pub(super) old_alone: Vec<&'a Block<Id>>,
    pub(super) new_alone: Vec<&'a ImportedEvent>,
}

/// Pairs blocks with events, one to one; the surest signs first, and never by UID alone.
pub(super) fn pair<'a, Id>(old: &[&'a Block<Id>], new: &[&'a ImportedEvent], today: Date) -> Pairs<'a, Id> {
    let (mut old_alone, mut new_alone) = (old.to_vec(), new.to_vec());
    old_alone.sort_by(|a, b| block_key(a).cmp(&block_key(b)));
    new_alone.sort_by(|a, b| event_key(a).cmp(&event_key(b)));
    let mut pairs = Pairs {
        matched: Vec::new(),
        old_alone,
        new_alone,
    };

    // What stands there word for word is nobody else's.
    pairs.by(
        |block| {
            let content = &block.content;
            (content.uid.as_str(), content.instance, content.nights)
        },
        |event| (&*event.uid, event.instance, event.nights),
    );
    // The past part of a block is history and does not tell it from others.
    pairs.by(
        |block| {
            (
                block.content.uid.as_str(),
                block.content.instance,
                block.content.nights.from(today),
            )
        },
        |event| (&*event.uid, event.instance, event.nights.from(today)),
    );
    pairs.by(
        |block| (block.content.uid.as_str(), block.content.instance),
        |event| (&*event.uid, event.instance),
    );
    pairs.by(
        |block| block.content.nights.from(today),
        |event| event.nights.from(today),
    );
    // Two ranges with the same end share their last night.
    pairs.by(|block| block.content.nights.end(), |event| event.nights.end());
    pairs.windows();
    pairs
}

fn block_key<Id>(block: &Block<Id>) -> (Nights, &str, Option<Date>) {
    (block.content.nights, &block.content.uid, block.content.instance)
}

fn event_key(event: &ImportedEvent) -> (Nights, &str, Option<Date>) {
    (event.nights, &event.uid, event.instance)
}

impl<'a, Id> Pairs<'a, Id> {
    /// Pairs those that are still alone and have the same key, in order.
    fn by<K: Hash + Eq>(
        &mut self,
        of_block: impl Fn(&'a Block<Id>) -> K,
        of_event: impl Fn(&'a ImportedEvent) -> K,
    ) {
        let mut waiting: HashMap<K, Vec<usize>> = HashMap::new();
        for (index, event) in self.new_alone.iter().enumerate().rev() {
            waiting.entry(of_event(event)).or_default().push(index);
        }
        self.each(|block, _| waiting.get_mut(&of_block(block)).and_then(Vec::pop));
    }

    /// Pairs windows that overlap or touch: they roll on every day.
    fn windows(&mut self) {
        let windows = self
            .new_alone
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, event)| event.kind == Kind::Window);
        let mut waiting: Vec<usize> = windows.map(|(index, _)| index).collect();
        self.each(|block, events| {
            if block.content.kind != Kind::Window {
                return None;
            }
            let nights = |index: &usize| events.get(*index).map(|event| event.nights);
            let block = block.content.nights;
            while waiting
                .pop_if(|index| nights(index).is_some_and(|event| event.end() < block.start()))
                .is_some()
            {}
            waiting.pop_if(|index| nights(index).is_some_and(|event| event.touches(block)))
        });
    }

    /// Offers each block that is still alone to `partner`, which answers with the place of an event, if any.
    fn each(&mut self, mut partner: impl FnMut(&'a Block<Id>, &[&ImportedEvent]) -> Option<usize>) {
        let events = std::mem::take(&mut self.new_alone);
        let mut taken = HashSet::new();
        self.old_alone.retain(|block| {
            let Some((place, event)) =
                partner(block, &events).and_then(|place| Some((place, events.get(place)?)))
            else {
                return true;
            };
            taken.insert(place);
            self.matched.push((block, event));
            false
        });
        let alone = events
            .into_iter()
            .enumerate()
            .filter(|(place, _)| !taken.contains(place));
        self.new_alone = alone.map(|(_, event)| event).collect();
    }
}
