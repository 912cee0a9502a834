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
    /// When it is read next.
    #[serde(with = "time::serde::rfc3339")]
    pub next_fetch_at: OffsetDateTime,
    /// Whole minutes since it was last read well.
    pub age_minutes: i64,
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
