//! What people change about a feed.

use diesel::QueryResult;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use storage::ical_feeds::{self, Feed, FeedChange};
use storage::{Context, accommodations};
use time::OffsetDateTime;

/// What a person wants of a feed.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// Read it now.
    Sync,
    /// Do not read it for now; its blocks stay.
    Pause,
    /// Read it again, from now on.
    Resume,
    /// What it shows so suspiciously is right.
    Release,
    /// It lives elsewhere, or is another channel's.
    Change {
        url: Option<String>,
        channel: Option<&'static str>,
    },
}

impl Wish {
    /// Its name in logs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Release => "release",
            Self::Change { .. } => "change",
        }
    }
}

/// Why a feed is not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("there is no such feed")]
    Unknown,
    #[error("the feed is not held")]
    NotHeld,
    #[error("the store")]
    Store(#[from] diesel::result::Error),
}

/// Changes the feed `id` and gives it as it is then.
pub(crate) async fn change_feed(
    conn: &mut AsyncPgConnection,
    context: &Context,
    id: i64,
    wish: Wish,
) -> Result<Feed, ChangeError> {
    conn.transaction(async |conn| {
        let feed = locked(conn, id).await?.ok_or(ChangeError::Unknown)?;
        let change = changed(&feed, wish, context.now)?;
        ical_feeds::update(conn, id, &change).await?;
        ical_feeds::find(conn, id).await?.ok_or(ChangeError::Unknown)
    })
    .await
}

/// The feed, under its lodging's lock: exports look at a feed's channel.
pub(crate) async fn locked(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<Feed>> {
    let Some(feed) = ical_feeds::find(conn, id).await? else {
        return Ok(None);
    };
    accommodations::lock(conn, AccommodationId(feed.accommodation_id)).await?;
    ical_feeds::lock(conn, id).await
}

fn changed(feed: &Feed, wish: Wish, now: OffsetDateTime) -> Result<FeedChange, ChangeError> {
    let due = FeedChange {
        next_fetch_at: Some(now),
        updated_at: Some(now),
        ..FeedChange::default()
    };
    Ok(match wish {
        Wish::Sync => due,
        Wish::Pause => FeedChange {
            paused: Some(true),
            updated_at: Some(now),
            ..FeedChange::default()
        },
        Wish::Resume => FeedChange {
            paused: Some(false),
            ..due
        },
        Wish::Release => {
            // As if enough fetches had agreed: the next one is believed if it says the same.
            let policy = calendar::HoldPolicy::default();
            feed.held_since.ok_or(ChangeError::NotHeld)?;
            FeedChange {
                held_fetches: Some(i32::try_from(policy.fetches).unwrap_or(i32::MAX)),
                held_since: Some(Some(now - policy.over)),
                ..due
            }
        }
        Wish::Change { url, channel } => FeedChange {
            url,
            channel: channel.map(str::to_owned),
            // Nothing that is remembered of the other address holds for this one.
            etag: Some(None),
            last_modified: Some(None),
            digest: Some(None),
            held_fetches: Some(0),
            held_since: Some(None),
            held_fingerprint: Some(None),
            failures: Some(0),
            ..due
        },
    })
}
