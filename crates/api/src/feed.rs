//! Other channels' calendars, in and out.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

/// A calendar of another channel to be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddFeedRequest {
    /// `airbnb`, `booking`, `vrbo`, `google`, …, `other`.
    pub channel: String,
    /// Where it is, https; it is a secret and never shown again.
    pub url: String,
}

/// A calendar to be looked at before it is added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewFeedRequest {
    /// The lodging whose nights it would close.
    pub accommodation_id: i64,
    /// Where it is, https.
    pub url: String,
    /// Whose it is; without it, the file's PRODID decides.
    pub channel: Option<String>,
}

/// What a calendar says that is not added yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeedPreview {
    /// By whose habits it was read.
    pub channel: String,
    /// Its closures from today on, at most 200.
    pub events: Vec<FeedEvent>,
    /// How many closures there are.
    pub events_total: usize,
    /// How many nights from today on they close.
    pub nights: u64,
    /// What was read with a guess, or not at all; at most 200.
    pub warnings: Vec<String>,
}

/// What to change about a calendar that we read; what is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeFeedRequest {
    /// Whose it is.
    pub channel: Option<String>,
    /// Where it is now, https; it is read there before anything changes.
    pub url: Option<String>,
}

/// How long to wait for a lodging's calendars before its nights are sold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecheckRequest {
    /// At most so many milliseconds; at most 4,000.
    pub within_ms: u32,
}

/// How a lodging's calendars are after they were looked at once more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rechecked {
    /// How many are read.
    pub feeds: usize,
    /// Of how many nothing recent is known.
    pub outdated: usize,
    /// For how many milliseconds nobody needs to ask again: at most 60,000. An older `ical-sync` does not say.
    #[serde(default)]
    pub good_for_ms: u32,
}

/// A calendar that we read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feed {
    /// Its number.
    pub id: i64,
    /// The lodging whose nights it closes.
    pub accommodation_id: i64,
    /// Whose it is.
    pub channel: String,
    /// The host of its URL; the rest is a secret.
    pub host: String,
    /// Whether it is not read for now.
    pub paused: bool,
    /// `fresh`, `stale`, `failing` or `held`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// When it was last read well.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_success_at: Option<OffsetDateTime>,
    /// When it was last tried.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_attempt_at: Option<OffsetDateTime>,
    /// When it is read next.
    #[serde(with = "time::serde::rfc3339")]
    pub next_fetch_at: OffsetDateTime,
    /// Whole minutes since it was last read well.
    pub age_minutes: i64,
    /// Whether its channel has a calendar of ours to read; if not, it never learns what we sell.
    pub reads_ours: bool,
    /// When the channel last read our calendar, as far as we saw.
    #[serde(with = "time::serde::rfc3339::option")]
    pub read_ours_at: Option<OffsetDateTime>,
    /// For how many minutes a night can be sold twice: this feed's age, and how long its channel takes to read ours.
    pub exposure_minutes: i64,
}

/// A feed that was added, and what it says now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeedAdded {
    /// The feed.
    #[serde(flatten)]
    pub feed: Feed,
    /// Its closures from today on, at most 200.
    pub events: Vec<FeedEvent>,
}

/// A closure of a feed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeedEvent {
    /// The first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The first night after it.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
    /// `stay`, `closure` or `window`.
    pub kind: String,
    /// The codes of stays of ours that it lies over.
    pub overlaps: Vec<String>,
}

/// A channel that shall read a lodging's calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateExportTokenRequest {
    /// What it is left out of: its own closures.
    pub channel: String,
}

/// A calendar of ours for one channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportToken {
    /// Its number.
    pub id: i64,
    /// The lodging.
    pub accommodation_id: i64,
    /// Who reads it.
    pub channel: String,
    /// Where; a secret.
    pub url: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the channel last read it, give or take a minute.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_read_at: Option<OffsetDateTime>,
}

/// A closure of another channel over a stay of ours.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// Its id.
    pub id: Uuid,
    /// The lodging.
    pub accommodation_id: i64,
    /// Its name.
    pub accommodation: String,
    /// Who closed the nights.
    pub channel: String,
    /// The closure's first night.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The first night after it.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
    /// The stay of ours.
    pub reservation_code: String,
    /// Its day of arrival.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_in: Date,
    /// Its day of departure.
    #[serde(with = "crate::date")]
    #[schema(value_type = String, format = Date)]
    pub check_out: Date,
    /// When it was found.
    #[serde(with = "time::serde::rfc3339")]
    pub found_at: OffsetDateTime,
}

/// What was decided about a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveConflictRequest {
    /// What was done, 1 to 500 characters.
    pub decision: String,
}
