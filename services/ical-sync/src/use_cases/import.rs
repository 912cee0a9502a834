//! What a feed says becomes blocks, in one transaction under the lodging's lock.

use std::collections::HashMap;

use calendar::{Content, DiffContext, Hold, HoldPolicy, Kind, Nights, OwnEvent, Parsed, Plan, Zone};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::accommodation::AccommodationId;
use events::v1;
use storage::calendar_blocks::Block;
use storage::ical_feeds::{Feed, FeedChange};
use storage::outbox::new_id;
use storage::{Context, calendar_blocks, outbox};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::use_cases::conflicts::{message, settle_conflicts};
use crate::use_cases::echoes::settle_echoes;
use crate::use_cases::export::reasons;

/// How long a block that was given up is known again; channels lose and find events.
const GRACE: time::Duration = time::Duration::days(7);

/// How much sooner than its reason an echo may be heard: as long as a feed fails, and channels tell each other.
const LATE: time::Duration = time::Duration::hours(6);

/// What an import did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Imported {
    /// Blocks added or moved.
    pub(crate) changed: u64,
    /// What the feed's row must remember about the hold.
    pub(crate) feed: FeedChange,
    /// Why nights were not released, if they were not.
    pub(crate) held: Option<&'static str>,
}

/// Applies `parsed` to the blocks of `feed`. Releases wait while the feed is suspicious. Call it under the lodging's lock.
pub(crate) async fn import(
    conn: &mut AsyncPgConnection,
    context: &Context,
    feed: &Feed,
    parsed: &Parsed,
    zone: Zone,
    domain: &str,
) -> QueryResult<Imported> {
    let accommodation = AccommodationId(feed.accommodation_id);
    let today = zone.date_of(context.now);
    let stored = calendar_blocks::listed_by(conn, feed.id).await?;
    let own = reasons(conn, accommodation, &feed.channel, domain, today).await?;
    // What is younger than the fetch cannot have come back with it.
    let fetched_at = feed.last_attempt_at.unwrap_or(context.now);
    let known_since: HashMap<String, OffsetDateTime> = own
        .iter()
        .map(|reason| (reason.event.uid.clone(), reason.known_since))
        .collect();
    let own: Vec<OwnEvent> = own
        .into_iter()
        .filter(|reason| reason.known_since <= fetched_at)
        .map(|reason| OwnEvent {
            uid: reason.event.uid,
            nights: reason.event.nights,
            is_ours: reason.is_ours,
        })
        .collect();
    let old: Vec<calendar::Block<&Block>> = stored.iter().filter_map(|block| listed(block, domain)).collect();
    let mut plan = calendar::diff(&old, &parsed.events, &DiffContext { today, own: &own });
    forget_late_echoes(&mut plan, &known_since);

    let suspicion = plan.suspicion;
    let decision = calendar::decide(
        stored_hold(feed).as_ref(),
        suspicion,
        &parsed.fingerprint(),
        context.now,
        HoldPolicy::default(),
    );
    let (plan, hold) = match decision {
        calendar::Decision::Apply => (plan, None),
        calendar::Decision::Hold(hold) => (plan.closing_only(), Some(hold)),
    };
    let changed = apply(conn, context, feed, plan).await?;
    settle_echoes(conn, context, accommodation).await?;
    settle_conflicts(conn, context, accommodation).await?;
    Ok(Imported {
        changed,
        held: hold.as_ref().and(suspicion).map(calendar::Suspicion::as_str),
        feed: FeedChange {
            held_fetches: Some(
                hold.as_ref()
                    .map_or(0, |hold| i32::try_from(hold.agreeing).unwrap_or(i32::MAX)),
            ),
            held_since: Some(hold.as_ref().map(|hold| hold.since)),
            held_fingerprint: Some(hold.map(|hold| hold.fingerprint)),
            ..FeedChange::default()
        },
    })
}

/// A block that was known long before a reason with the same nights turned up is no echo of it but sold twice.
fn forget_late_echoes(plan: &mut Plan<'_, &Block>, known_since: &HashMap<String, OffsetDateTime>) {
    for change in &mut plan.change {
        let is_new = change.block.content.echo_of.is_none();
        let reason = change.to.echo_of.as_ref().and_then(|uid| known_since.get(uid));
        if is_new && reason.is_some_and(|since| change.block.id.created_at + LATE < *since) {
            change.to.echo_of = None;
        }
    }
    plan.change.retain(|change| change.block.content != change.to);
}

fn stored_hold(feed: &Feed) -> Option<Hold> {
    let (since, fingerprint) = (feed.held_since?, feed.held_fingerprint.clone()?);
    Some(Hold {
        since,
        agreeing: u32::try_from(feed.held_fetches).unwrap_or(0),
        fingerprint,
    })
}

/// Writes `plan` down, with an event for each change of nights, and gives how many blocks were added or moved.
async fn apply(
    conn: &mut AsyncPgConnection,
    context: &Context,
    feed: &Feed,
    plan: Plan<'_, &Block>,
) -> QueryResult<u64> {
    let now = context.now;
    let (mut changed, mut opened, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for removed in plan.remove {
        let block = removed.block.id;
        let mut ended = Block {
            muted: false,
            updated_at: now,
            ..block.clone()
        };
        match removed.past {
            Some(past) => ended.ends_on = past.end(),
            None => ended.removed_at = Some(block.removed_at.unwrap_or(now)),
        }
        if block.removed_at.is_none() {
            let block = Some(message(block, feed.channel.clone()));
            opened.push(v1::CalendarBlockRemoved { block });
        }
        changed.push(ended);
    }
    for change in plan.change {
        let stored = change.block.id;
        let mut block = stored_as(stored, &change.to, now);
        let moved = (stored.starts_on, stored.ends_on) != (block.starts_on, block.ends_on);
        // An echo that moves or gets another name was no echo, or is one no longer.
        let speaks_again = stored.muted && (moved || stored.uid != block.uid);
        if speaks_again {
            block.muted = false;
            block.removed_at = None;
            block.echo_of = None;
        }
        let is_news = change.change == calendar::Change::Moved || speaks_again;
        if is_news && block.removed_at.is_none() {
            closed.push(added(&block, feed));
        }
        changed.push(block);
    }
    let mut tombstones = if plan.add.is_empty() {
        Vec::new()
    } else {
        calendar_blocks::removed_since(conn, feed.id, now - GRACE).await?
    };
    for content in &plan.add {
        let block = match tombstones.iter().rposition(|block| is_of(block, content)) {
            Some(place) => Block {
                removed_at: None,
                ..stored_as(&tombstones.remove(place), content, now)
            },
            None => new_block(content, feed, now),
        };
        closed.push(added(&block, feed));
        changed.push(block);
    }
    calendar_blocks::save(conn, &changed).await?;
    outbox::append_all(conn, context, &opened).await?;
    outbox::append_all(conn, context, &closed).await?;
    Ok(u64::try_from(closed.len()).unwrap_or(u64::MAX))
}

fn added(block: &Block, feed: &Feed) -> v1::CalendarBlockAdded {
    let block = Some(message(block, feed.channel.clone()));
    v1::CalendarBlockAdded { block }
}

/// Whether `content` is what `block` was: then it is listed again under its old id, and so under its old exported UID.
fn is_of(block: &Block, content: &Content) -> bool {
    block.uid == content.uid
        && block.instance == content.instance
        && (block.starts_on, block.ends_on) == (content.nights.start(), content.nights.end())
}

/// A stored block as the comparison sees it.
fn listed<'a>(block: &'a Block, domain: &str) -> Option<calendar::Block<&'a Block>> {
    let kind = match block.kind.as_str() {
        "stay" => Kind::Stay,
        "window" => Kind::Window,
        _ => Kind::Closure,
    };
    Some(calendar::Block {
        id: block,
        content: Content {
            uid: block.uid.clone(),
            instance: block.instance,
            nights: Nights::new(block.starts_on, block.ends_on).ok()?,
            kind,
            is_tentative: block.tentative,
            echo_of: block.echo_of.map(|reason| calendar::export_uid(reason, domain)),
        },
    })
}

fn stored_as(block: &Block, content: &Content, now: time::OffsetDateTime) -> Block {
    Block {
        uid: content.uid.clone(),
        instance: content.instance,
        starts_on: content.nights.start(),
        ends_on: content.nights.end(),
        kind: content.kind.as_str().to_owned(),
        tentative: content.is_tentative,
        echo_of: content.echo_of.as_deref().and_then(reason_of),
        sequence: block.sequence.saturating_add(1),
        updated_at: now,
        ..block.clone()
    }
}

fn new_block(content: &Content, feed: &Feed, now: time::OffsetDateTime) -> Block {
    let blank = Block {
        id: new_id(now),
        accommodation_id: feed.accommodation_id,
        feed_id: feed.id,
        uid: String::new(),
        instance: None,
        starts_on: Date::MIN,
        ends_on: Date::MAX,
        kind: String::new(),
        tentative: false,
        echo_of: None,
        muted: false,
        sequence: -1,
        created_at: now,
        updated_at: now,
        removed_at: None,
    };
    stored_as(&blank, content, now)
}

/// The reservation or block inside a UID of ours: `bk-<uuid>@<domain>`.
fn reason_of(uid: &str) -> Option<Uuid> {
    uid.strip_prefix("bk-")?.split_once('@')?.0.parse().ok()
}
