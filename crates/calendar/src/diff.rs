//! From what a feed said before to what it says now: what to keep, move in place, add and remove.

mod echo;
mod matching;
mod plan;
mod settle;
mod suspicion;

pub use plan::{Change, Changed, Plan, Removed};
pub use suspicion::Suspicion;

use time::Date;

use self::matching::Pairs;
use self::settle::Settled;
use crate::{ImportedEvent, Kind, Nights};

/// A stored block of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<Id> {
    /// Whatever the caller knows it by.
    pub id: Id,
    /// What it says.
    pub content: Content,
}

/// What a block says; everything that is stored of an imported event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// As in [`ImportedEvent::uid`].
    pub uid: String,
    /// As in [`ImportedEvent::instance`].
    pub instance: Option<Date>,
    /// The closed nights.
    pub nights: Nights,
    /// What it probably is.
    pub kind: Kind,
    /// Whether it is not yet certain.
    pub is_tentative: bool,
    /// The UID under which we exported these very nights to this channel, if this is probably their echo: the
    /// block closes them only while that reason of ours exists.
    pub echo_of: Option<String>,
}

/// Something that we export to the channel whose feed is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEvent {
    /// The UID under which we export it.
    pub uid: String,
    /// The nights that it closes.
    pub nights: Nights,
    /// Whether it is a stay of ours, and not another channel's: of ours, a block that was known first is no echo.
    pub is_ours: bool,
}

/// What [`diff`] must know besides the two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffContext<'a> {
    /// Today in the property's zone: nights before it are history.
    pub today: Date,
    /// What we export to this channel, to know its echo.
    pub own: &'a [OwnEvent],
}

/// Compares the stored blocks of a feed with the events that it lists now.
///
/// * Events are matched by UID; else by the same nights; else by the same end; windows also with windows that they
///   touch.
/// * Nights before today are neither released nor created: blocks that ended are left out of the plan, the rest
///   keep their past part.
/// * The order of neither list matters.
#[must_use]
pub fn diff<'a, Id>(
    old: &'a [Block<Id>],
    new: &'a [ImportedEvent],
    context: &DiffContext<'_>,
) -> Plan<'a, Id> {
    let today = context.today;
    let old: Vec<&Block<Id>> = old
        .iter()
        .filter(|block| today < block.content.nights.end())
        .collect();
    let new: Vec<&ImportedEvent> = new.iter().filter(|event| today < event.nights.end()).collect();
    let Pairs {
        matched,
        old_alone,
        new_alone,
    } = matching::pair(&old, &new, today);

    let mut plan = Plan::default();
    for (block, event) in matched {
        match settle::nights(block.content.nights, event.nights, today) {
            Settled::InPlace(nights) => {
                let to = content(event, nights, Some(&block.content), context);
                plan.keep_or_change(block, to, event.is_clipped);
            }
            Settled::Apart => {
                plan.remove(block, today);
                plan.add(event, context);
            }
        }
    }
    for block in old_alone {
        plan.remove(block, today);
    }
    for event in new_alone {
        plan.add(event, context);
    }
    plan.suspicion = suspicion::of(&old, &plan, today);
    plan
}

impl<'a, Id> Plan<'a, Id> {
    fn keep_or_change(&mut self, block: &'a Block<Id>, to: Content, is_clipped: bool) {
        if block.content == to {
            self.keep.push(block);
            return;
        }
        let change = if block.content.nights == to.nights {
            Change::Relabelled
        } else if to.kind == Kind::Window || is_clipped && block.content.nights.start() == to.nights.start() {
            Change::Rolled
        } else {
            Change::Moved
        };
        self.change.push(Changed { block, to, change });
    }

    fn remove(&mut self, block: &'a Block<Id>, today: Date) {
        self.remove.push(Removed {
            block,
            past: block.content.nights.before(today),
        });
    }

    fn add(&mut self, event: &ImportedEvent, context: &DiffContext<'_>) {
        if let Some(nights) = event.nights.from(context.today) {
            self.add.push(content(event, nights, None, context));
        }
    }
}

fn content(
    event: &ImportedEvent,
    nights: Nights,
    before: Option<&Content>,
    context: &DiffContext<'_>,
) -> Content {
    let before = before.filter(|content| content.nights == nights);
    let kind = match (before.map(|content| content.kind), event.kind) {
        // A closure that was known before its first day came does not begin to roll.
        (Some(Kind::Closure), Kind::Window) => Kind::Closure,
        (_, kind) => kind,
    };
    Content {
        uid: event.uid.to_string(),
        instance: event.instance,
        nights,
        kind,
        is_tentative: event.is_tentative,
        echo_of: echo::of(event, kind, before, context),
    }
}
