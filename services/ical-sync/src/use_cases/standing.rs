//! How far a feed can be trusted now.

use std::collections::HashMap;

use calendar::Channel;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use storage::ical_export_tokens;
use storage::ical_feeds::Feed;
use time::{Duration, OffsetDateTime};

/// A feed's state with its reason, as of now: a feed that nobody reads grows stale by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// `fresh`, `failing`, `held` or `stale`.
    pub(crate) state: String,
    /// Why, in words without the address.
    pub(crate) reason: Option<String>,
    /// Since when.
    pub(crate) since: OffsetDateTime,
}

/// For how long a night can be sold twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exposure {
    /// Since when we do not know what they have sold.
    pub(crate) age: Duration,
    /// How long it may take until they know what we have sold: their usual pause, or longer if we see that it is.
    pub(crate) pull: Duration,
}

/// When each lodging's channels last read our calendar of it.
pub(crate) struct Readers(HashMap<(i64, String), Option<OffsetDateTime>>);

impl Readers {
    /// Of one lodging, or of all.
    pub(crate) async fn of(conn: &mut AsyncPgConnection, accommodation: Option<i64>) -> QueryResult<Self> {
        let reads = ical_export_tokens::reads(conn, accommodation).await?;
        let by_channel = reads
            .into_iter()
            .map(|(lodging, channel, at)| ((lodging, channel), at));
        Ok(Self(by_channel.collect()))
    }

    /// Whether the feed's channel has a calendar of ours to read.
    pub(crate) fn has(&self, feed: &Feed) -> bool {
        self.0.contains_key(&key(feed))
    }

    /// When it last did.
    pub(crate) fn last_read_by(&self, feed: &Feed) -> Option<OffsetDateTime> {
        self.0.get(&key(feed)).copied().flatten()
    }
}

fn key(feed: &Feed) -> (i64, String) {
    (feed.accommodation_id, feed.channel.clone())
}

impl Exposure {
    /// From the oldest sale that we may not know of to the time when they know of ours.
    pub(crate) fn whole(self) -> Duration {
        self.age + self.pull
    }
}

/// When the feed was last read well, or entered.
pub(crate) fn read_at(feed: &Feed) -> OffsetDateTime {
    feed.last_success_at.unwrap_or(feed.created_at)
}

/// How the feed stands at `now`; `stale_after` is the age from which on nothing excuses it.
pub(crate) fn standing(feed: &Feed, stale_after: Duration, now: OffsetDateTime) -> Standing {
    let stale_at = read_at(feed) + stale_after;
    if feed.state != "stale" && !feed.paused && stale_at < now {
        return Standing {
            state: "stale".to_owned(),
            reason: feed
                .state_reason
                .clone()
                .or_else(|| Some("not read since".to_owned())),
            since: stale_at,
        };
    }
    Standing {
        state: feed.state.clone(),
        reason: feed.state_reason.clone(),
        since: feed.state_since,
    }
}

/// The exposure of a feed: the part that we know from its age, the other from what we saw its channel read.
pub(crate) fn exposure(feed: &Feed, readers: &Readers, now: OffsetDateTime) -> Exposure {
    let channel: Channel = feed.channel.parse().unwrap_or(Channel::Other);
    let usual = channel.pulls_within();
    Exposure {
        age: now - read_at(feed),
        pull: readers
            .last_read_by(feed)
            .map_or(usual, |read| usual.max(now - read)),
    }
}
