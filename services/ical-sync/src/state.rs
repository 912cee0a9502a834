//! What handlers, consumers and jobs share.

use std::time::Duration;

use actix_web::web::Bytes;
use domain::reservation::Actor;
use moka::future::Cache;
use service::clock::Clock;
use storage::{Context, Database};
use telemetry::metrics::Counter;
use time::Duration as Span;
use tokio::sync::{Notify, Semaphore};

use crate::fetch::Fetcher;
use crate::hosts::Hosts;
use crate::settings::Settings;
use crate::use_cases::export::Exported;

pub(crate) struct AppState {
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    pub(crate) fetcher: Fetcher,
    pub(crate) settings: Settings,
    /// A storm of readers costs the database one look a second and calendar.
    pub(crate) exports: Cache<(i64, String), Exported>,
    pub(crate) hosts: Hosts,
    /// Turns at the database for readings: half the connections are left to whoever asks.
    pub(crate) writers: Semaphore,
    /// Wakes the job that reads due feeds.
    pub(crate) sync_now: Notify,
    /// Told after each feed that was read, or could not be.
    pub(crate) synced: Notify,
    pub(crate) failures: Counter,
    pub(crate) imported: Counter,
}

/// The channels whose feeds we know how to read; a metric's label has no other value but `other`.
const CHANNELS: &[&str] = &[
    "airbnb",
    "booking",
    "vrbo",
    "expedia",
    "tripadvisor",
    "smoobu",
    "alojamientos",
    "google",
    "outlook",
    "apple",
    "other",
];

impl AppState {
    pub(crate) fn new(clock: Clock, database: Database, fetcher: Fetcher, settings: Settings) -> Self {
        let by_channel = &[("feed_source", CHANNELS)];
        Self {
            clock,
            database,
            fetcher,
            hosts: Hosts::new(settings.ical_host_at_once, settings.ical_host_per_minute),
            writers: Semaphore::new((settings.database_connections / 2).max(1)),
            exports: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_millis(settings.ical_export_milliseconds))
                .build(),
            settings,
            sync_now: Notify::new(),
            synced: Notify::new(),
            failures: Counter::new(
                "ical_sync_errors_total",
                "Fetches of a feed that gave no calendar.",
                by_channel,
            ),
            imported: Counter::new(
                "ical_events_imported_total",
                "Blocks added or moved by a feed.",
                by_channel,
            ),
        }
    }

    /// From which age on a feed is stale.
    pub(crate) fn stale_after(&self) -> Span {
        Span::minutes(self.settings.ical_stale_minutes)
    }

    /// The circumstances of what the service does by itself.
    pub(crate) fn own_context(&self) -> Context {
        Context::new(
            self.clock.now(),
            Actor::System("ical-sync"),
            telemetry::trace::current_traceparent(),
        )
    }
}

/// A body as it goes over the wire.
pub(crate) type Body = Bytes;
