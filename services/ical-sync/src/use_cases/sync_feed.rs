//! One feed, read and applied. Nothing is locked while it is fetched.

use std::time::Duration as StdDuration;

use calendar::{Parsed, Zone};
use diesel::QueryResult;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use events::v1;
use rand::Rng as _;
use ring::digest;
use storage::error::Refusal;
use storage::ical_feeds::{self, Feed, FeedChange, Unchanged};
use storage::{Connection, Context, DatabaseUnavailable, StoreFailure, accommodations, outbox};
use time::{Duration, OffsetDateTime};

use crate::fetch::{Fetched, Validators};
use crate::hosts::Visit;
use crate::state::AppState;
use crate::use_cases::import::import;
use crate::use_cases::read_feed::{Source, parse};

/// How long an unchanged answer may spare a reading: the horizon moves on every day.
const REREAD: Duration = Duration::hours(12);

/// How often an import waits for its lodging's lock, which a statement may wait for a few seconds, and a reading for a
/// connection.
const TRIES: u32 = 5;

/// Between two tries to get a connection.
const PAUSE: StdDuration = StdDuration::from_millis(250);

/// The longest pause between two tries, unless the other side asks for more.
const LONGEST: Duration = Duration::hours(2);

/// What became of a fetch, before anything is stored.
enum Outcome {
    Unchanged,
    Read {
        parsed: Parsed,
        /// The lodging's.
        zone: Zone,
        digest: Vec<u8>,
        validators: Validators,
    },
    Failed {
        reason: String,
        retry_after: Option<StdDuration>,
    },
}

/// Fetches `feed`, applies what it says, and writes down how it went.
///
/// A fresh feed that is as it was is given back instead, for [`found_unchanged`](ical_feeds::found_unchanged): most
/// feeds are, most of the time, and many of them are written down at the price of one.
pub(crate) async fn sync_feed(
    state: &AppState,
    feed: Feed,
    visit: &Visit,
) -> Result<Option<Unchanged>, StoreFailure> {
    let context = state.own_context();
    let outcome = look(state, &context, &feed).await?;
    if matches!(outcome, Outcome::Unchanged) && feed.state == "fresh" {
        let next_fetch_at = next_turn(state, context.now);
        return Ok(Some(Unchanged { feed, next_fetch_at }));
    }
    if let Outcome::Failed {
        reason, retry_after, ..
    } = &outcome
    {
        state.failures.increment(&[("feed_source", &feed.channel)]);
        tracing::warn!(
            feed.id = feed.id,
            channel = feed.channel,
            reason,
            "ical_sync: the feed gave no calendar"
        );
        if let Some(wait) = retry_after.and_then(|wait| Duration::try_from(wait).ok()) {
            visit.rest(context.now + wait);
        }
    }
    let changed = write_down(state, &context, &feed, &outcome).await?;
    if let Some(changed) = changed {
        state.imported.add(changed, &[("feed_source", &feed.channel)]);
        tracing::info!(
            feed.id = feed.id,
            channel = feed.channel,
            changed,
            "ical_sync: the feed was looked at"
        );
    }
    Ok(None)
}

/// Applies `outcome` in one transaction; waits for the lodging while somebody books it. Gives how many blocks changed,
/// or nothing if the feed has meanwhile been read anew, paused, moved or removed.
async fn write_down(
    state: &AppState,
    context: &Context,
    feed: &Feed,
    outcome: &Outcome,
) -> Result<Option<u64>, StoreFailure> {
    let _turn = state.writers.acquire().await;
    let mut tries = 0;
    loop {
        let mut conn = connection(state).await?;
        let written = conn
            .transaction(async |conn| apply(conn, state, context, feed, outcome).await)
            .await;
        tries += 1;
        match written {
            Ok(changed) => return Ok(changed),
            Err(error) if tries < TRIES && is_passing(&error) => {
                let cause = telemetry::trace::chain(&error);
                tracing::info!(feed.id = feed.id, tries, cause, "ical_sync: once more");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether the lodging or the database was busy for a moment. The same changes again do no harm.
fn is_passing(error: &DieselError) -> bool {
    storage::error::refusal(error) == Some(Refusal::Contention) || storage::error::is_unavailable(error)
}

/// A connection, for which a reading has more patience than a caller: what was fetched should not be lost.
async fn connection(state: &AppState) -> Result<Connection, DatabaseUnavailable> {
    let mut tries = 1;
    loop {
        match state.database.get().await {
            Err(_busy) if tries < TRIES => tries += 1,
            answer => return answer,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn apply(
    conn: &mut AsyncPgConnection,
    state: &AppState,
    context: &Context,
    feed: &Feed,
    outcome: &Outcome,
) -> QueryResult<Option<u64>> {
    if matches!(outcome, Outcome::Read { .. }) {
        accommodations::lock(conn, AccommodationId(feed.accommodation_id)).await?;
    }
    let Some(current) = ical_feeds::lock(conn, feed.id).await? else {
        return Ok(None);
    };
    if current.last_attempt_at != feed.last_attempt_at || current.paused || current.url != feed.url {
        return Ok(None);
    }
    let (mut change, changed) = match outcome {
        Outcome::Unchanged => (succeeded(state, &current, context, None), 0),
        Outcome::Read {
            parsed,
            zone,
            digest,
            validators,
        } => {
            let domain = &state.settings.ical_uid_domain;
            let imported = import(conn, context, &current, parsed, *zone, domain).await?;
            let change = FeedChange {
                digest: Some(Some(digest.clone())),
                etag: Some(validators.etag.clone()),
                last_modified: Some(validators.last_modified.clone()),
                parsed_at: Some(context.now),
                held_fetches: imported.feed.held_fetches,
                held_since: imported.feed.held_since,
                held_fingerprint: imported.feed.held_fingerprint,
                ..succeeded(state, &current, context, imported.held)
            };
            (change, imported.changed)
        }
        Outcome::Failed { reason, retry_after } => {
            (failed(state, &current, context, reason, *retry_after), 0)
        }
    };
    if current.next_fetch_at != feed.next_fetch_at {
        // Somebody wants it read again, and not what was under way.
        change.next_fetch_at = None;
    }
    announce(conn, context, &current, &change).await?;
    change.updated_at = Some(context.now);
    ical_feeds::update(conn, feed.id, &change).await?;
    Ok(Some(changed))
}

/// Fetches and reads, without touching anything.
async fn look(state: &AppState, context: &Context, feed: &Feed) -> Result<Outcome, StoreFailure> {
    // A feed on hold is read whole each time: it is the reading that counts its agreeing fetches.
    let recent = feed.held_since.is_none()
        && feed
            .parsed_at
            .is_some_and(|parsed_at| context.now - parsed_at < REREAD);
    let known = Validators {
        etag: feed.etag.clone(),
        last_modified: feed.last_modified.clone(),
    };
    let validators = if recent { known } else { Validators::default() };
    let (body, validators) = match state.fetcher.fetch(&feed.url, &validators, context.now).await {
        Ok(Fetched::Unchanged) => return Ok(Outcome::Unchanged),
        Ok(Fetched::Body { bytes, validators }) => (bytes, validators),
        Err(error) => {
            return Ok(Outcome::Failed {
                reason: error.to_string(),
                retry_after: error.retry_after(),
            });
        }
    };
    let digest = digest::digest(&digest::SHA256, &body).as_ref().to_vec();
    if recent && feed.digest.as_ref() == Some(&digest) {
        return Ok(Outcome::Unchanged);
    }
    let zone = zone_of(state, AccommodationId(feed.accommodation_id)).await?;
    let source = Source {
        url: feed.url.clone(),
        channel: feed.channel.parse().ok(),
        zone,
    };
    Ok(
        match parse(body, &source, &state.settings.ical_uid_domain, context.now).await {
            Ok(parsed) => Outcome::Read {
                parsed,
                zone,
                digest,
                validators,
            },
            Err(error) => Outcome::Failed {
                reason: error.to_string(),
                retry_after: None,
            },
        },
    )
}

async fn zone_of(state: &AppState, accommodation: AccommodationId) -> Result<Zone, StoreFailure> {
    let _turn = state.writers.acquire().await;
    let conn = connection(state).await?;
    let zone = accommodations::time_zone(&conn, accommodation).await?;
    Ok(zone.and_then(|zone| Zone::named(&zone).ok()).unwrap_or(Zone::UTC))
}

/// When a feed that was read at `now` is due again.
fn next_turn(state: &AppState, now: OffsetDateTime) -> OffsetDateTime {
    // A fifth more or less, so that feeds do not march in step.
    now + Duration::seconds(i64::from(state.settings.ical_sync_minutes) * rand::rng().random_range(48..72))
}

fn succeeded(state: &AppState, feed: &Feed, context: &Context, held: Option<&str>) -> FeedChange {
    let word = if held.is_some() { "held" } else { "fresh" };
    FeedChange {
        state: Some(word),
        state_reason: Some(held.map(str::to_owned)),
        state_since: (feed.state != word).then_some(context.now),
        last_success_at: Some(context.now),
        next_fetch_at: Some(next_turn(state, context.now)),
        failures: Some(0),
        ..FeedChange::default()
    }
}

fn failed(
    state: &AppState,
    feed: &Feed,
    context: &Context,
    reason: &str,
    retry_after: Option<StdDuration>,
) -> FeedChange {
    let since = feed.last_success_at.unwrap_or(feed.created_at);
    let word = if Duration::minutes(state.settings.ical_stale_minutes) < context.now - since {
        "stale"
    } else {
        "failing"
    };
    // 1, 2, 4, … minutes with some chance, and what the other side asks for.
    let doublings = u32::try_from(feed.failures.clamp(0, 7)).unwrap_or(0);
    let doubled = Duration::seconds(rand::rng().random_range(54..66)) * 2_i32.pow(doublings);
    let asked = retry_after
        .and_then(|wait| Duration::try_from(wait).ok())
        .unwrap_or(Duration::ZERO);
    FeedChange {
        state: Some(word),
        state_reason: Some(Some(reason.to_owned())),
        state_since: (feed.state != word).then_some(context.now),
        next_fetch_at: Some(context.now + doubled.min(LONGEST).max(asked)),
        failures: Some(feed.failures.saturating_add(1)),
        ..FeedChange::default()
    }
}

/// Tells the house when a feed stops or starts to be trusted.
async fn announce(
    conn: &mut AsyncPgConnection,
    context: &Context,
    feed: &Feed,
    change: &FeedChange,
) -> QueryResult<()> {
    let untrusted = |word: &str| matches!(word, "stale" | "held");
    let (before, after) = (feed.state.as_str(), change.state.unwrap_or("fresh"));
    let (feed_id, accommodation_id, channel) = (feed.id, feed.accommodation_id, feed.channel.clone());
    if untrusted(after) && before != after {
        let reason = change.state_reason.clone().flatten().unwrap_or_default();
        outbox::append(
            conn,
            context,
            &v1::CalendarFeedStale {
                feed_id,
                accommodation_id,
                channel,
                reason,
            },
        )
        .await?;
    } else if untrusted(before) && after == "fresh" {
        outbox::append(
            conn,
            context,
            &v1::CalendarFeedRecovered {
                feed_id,
                accommodation_id,
                channel,
            },
        )
        .await?;
    }
    Ok(())
}
