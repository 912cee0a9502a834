//! One feed, read and applied. Nothing is locked while it is fetched.

use std::time::Duration as StdDuration;

use calendar::{Broken, Channel, ParseContext, Parsed, Verdict, Zone};
use diesel::result::Error as DieselError;
use diesel_async::AsyncConnection;
use domain::accommodation::AccommodationId;
use events::v1;
use rand::Rng as _;
use ring::digest;
use storage::ical_feeds::{self, Feed, FeedChange};
use storage::{Context, DatabaseUnavailable, accommodations, outbox};
use time::Duration;

use crate::fetch::{FetchError, Fetched, Validators};
use crate::state::AppState;
use crate::use_cases::import::import;

/// How long an unchanged answer may spare a reading: the horizon moves on every day.
const REREAD: Duration = Duration::hours(12);

/// The longest pause between two tries.
const LONGEST: Duration = Duration::hours(2);

/// Why a feed's state could not be stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[from] DieselError),
}

/// What became of a fetch, before anything is stored.
enum Outcome {
    Unchanged,
    Read {
        parsed: Parsed,
        digest: Vec<u8>,
        validators: Validators,
    },
    Failed {
        reason: String,
        retry_after: Option<StdDuration>,
    },
}

/// Fetches `feed`, applies what it says, and writes down how it went.
pub(crate) async fn sync_feed(state: &AppState, feed: Feed) -> Result<(), SyncError> {
    let context = state.own_context();
    let mut conn = state.database.get().await?;
    let lodging = accommodations::find(&conn, AccommodationId(feed.accommodation_id)).await?;
    drop(conn);
    let zone = lodging
        .and_then(|lodging| Zone::named(&lodging.facts.time_zone).ok())
        .unwrap_or(Zone::UTC);
    let outcome = look(state, &context, &feed, zone).await;

    conn = state.database.get().await?;
    let domain = &state.settings.ical_uid_domain;
    let changed = conn
        .transaction(async |conn| {
            let (mut change, changed) = match outcome {
                Outcome::Unchanged => (succeeded(state, &feed, &context, None), 0),
                Outcome::Read {
                    parsed,
                    digest,
                    validators,
                } => {
                    let imported = import(conn, &context, &feed, &parsed, zone, domain).await?;
                    let change = FeedChange {
                        digest: Some(Some(digest)),
                        etag: Some(validators.etag),
                        last_modified: Some(validators.last_modified),
                        parsed_at: Some(context.now),
                        held_fetches: imported.feed.held_fetches,
                        held_since: imported.feed.held_since,
                        held_fingerprint: imported.feed.held_fingerprint,
                        ..succeeded(state, &feed, &context, imported.held)
                    };
                    (change, imported.changed)
                }
                Outcome::Failed { reason, retry_after } => {
                    state.failures.increment(&[("feed_source", &feed.channel)]);
                    tracing::warn!(
                        feed.id = feed.id,
                        channel = feed.channel,
                        reason,
                        "ical_sync: the feed gave no calendar"
                    );
                    (failed(state, &feed, &context, reason, retry_after), 0)
                }
            };
            announce(conn, &context, &feed, &change).await?;
            change.updated_at = Some(context.now);
            ical_feeds::update(conn, feed.id, &change).await?;
            Ok::<_, DieselError>(changed)
        })
        .await?;
    state.imported.add(changed, &[("feed_source", &feed.channel)]);
    tracing::info!(
        feed.id = feed.id,
        channel = feed.channel,
        changed,
        "ical_sync: the feed was looked at"
    );
    Ok(())
}

/// Fetches and reads, without touching anything.
async fn look(state: &AppState, context: &Context, feed: &Feed, zone: Zone) -> Outcome {
    let recent = feed
        .parsed_at
        .is_some_and(|parsed_at| context.now - parsed_at < REREAD)
        && feed.state != "held";
    let known = Validators {
        etag: feed.etag.clone(),
        last_modified: feed.last_modified.clone(),
    };
    let validators = if recent { known } else { Validators::default() };
    let (body, validators) = match state.fetcher.fetch(&feed.url, &validators, context.now).await {
        Ok(Fetched::Unchanged) => return Outcome::Unchanged,
        Ok(Fetched::Body { bytes, validators }) => (bytes, validators),
        Err(error) => return failure(&error),
    };
    let digest = digest::digest(&digest::SHA256, &body).as_ref().to_vec();
    if recent && feed.digest.as_ref() == Some(&digest) {
        return Outcome::Unchanged;
    }
    let channel: Option<Channel> = feed.channel.parse().ok();
    let (today, domain) = (zone.date_of(context.now), state.settings.ical_uid_domain.clone());
    let parsed = tokio::task::spawn_blocking(move || {
        let context = ParseContext {
            channel,
            own_uid_domain: Some(&domain),
            ..ParseContext::new(zone, today)
        };
        calendar::parse(&body, &context)
    });
    match parsed.await {
        Ok(Parsed {
            verdict: Verdict::Broken(broken),
            ..
        }) => broke(broken),
        Ok(parsed) => Outcome::Read {
            parsed,
            digest,
            validators,
        },
        Err(_panicked) => Outcome::Failed {
            reason: "the reader failed".to_owned(),
            retry_after: None,
        },
    }
}

fn broke(broken: Broken) -> Outcome {
    Outcome::Failed {
        reason: broken.to_string(),
        retry_after: None,
    }
}

fn failure(error: &FetchError) -> Outcome {
    Outcome::Failed {
        reason: error.to_string(),
        retry_after: error.retry_after(),
    }
}

fn succeeded(state: &AppState, feed: &Feed, context: &Context, held: Option<&str>) -> FeedChange {
    let word = if held.is_some() { "held" } else { "fresh" };
    // A fifth more or less, so that feeds do not march in step.
    let seconds = i64::from(state.settings.ical_sync_minutes) * rand::rng().random_range(48..72);
    FeedChange {
        state: Some(word),
        state_reason: Some(held.map(str::to_owned)),
        state_since: (feed.state != word).then_some(context.now),
        last_success_at: Some(context.now),
        next_fetch_at: Some(context.now + Duration::seconds(seconds)),
        failures: Some(0),
        ..FeedChange::default()
    }
}

fn failed(
    state: &AppState,
    feed: &Feed,
    context: &Context,
    reason: String,
    retry_after: Option<StdDuration>,
) -> FeedChange {
    let since = feed.last_success_at.unwrap_or(feed.created_at);
    let word = if Duration::minutes(state.settings.ical_stale_minutes) < context.now - since {
        "stale"
    } else {
        "failing"
    };
    // 1, 2, 4, … minutes, and what the other side asks for.
    let doubled = Duration::MINUTE * 2_i32.pow(u32::try_from(feed.failures.clamp(0, 7)).unwrap_or(0));
    let asked = retry_after
        .and_then(|wait| Duration::try_from(wait).ok())
        .unwrap_or(Duration::ZERO);
    FeedChange {
        state: Some(word),
        state_reason: Some(Some(reason)),
        state_since: (feed.state != word).then_some(context.now),
        next_fetch_at: Some(context.now + doubled.max(asked).min(LONGEST)),
        failures: Some(feed.failures.saturating_add(1)),
        ..FeedChange::default()
    }
}

/// Tells the house when a feed stops or starts to be trusted.
async fn announce(
    conn: &mut diesel_async::AsyncPgConnection,
    context: &Context,
    feed: &Feed,
    change: &FeedChange,
) -> diesel::QueryResult<()> {
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
