//! How the feeds are, for health pages and metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use messaging::Broker;
use service::clock::Clock;
use service::health::{Health, Report, Weight};
use storage::ical_feeds::{self, Feed};
use storage::{StoreFailure, calendar_conflicts};
use telemetry::metrics::Gauge;

use crate::state::AppState;
use crate::use_cases::standing::{Readers, exposure, read_at};

/// More feeds than a small house has; the page shows the worst of them.
const MOST: i64 = 5_000;

pub(crate) fn checks(clock: Clock, state: Arc<AppState>, broker: &Broker) -> Health {
    let page = stores::health::database(Health::builder(clock), Weight::Critical, &state.database);
    stores::health::broker(page, broker)
        .state("ical_sync", Weight::Degrading, move || {
            let state = state.clone();
            async move {
                match feeds(&state).await {
                    Ok((feeds, readers)) => report(&feeds, &readers, &state),
                    Err(_away) => Report::warning("the database cannot be asked"),
                }
            }
        })
        .build()
}

async fn feeds(state: &AppState) -> Result<(Vec<(Feed, String)>, Readers), StoreFailure> {
    let mut conn = state.database.get().await?;
    let mut feeds = ical_feeds::list(&mut conn, None, 0, MOST).await?;
    feeds.retain(|(feed, _)| !feed.paused);
    let readers = Readers::of(&mut conn, None).await?;
    Ok((feeds, readers))
}

/// Whole minutes since the feed was last read well, or since it was entered.
fn age_minutes(feed: &Feed, state: &AppState) -> i64 {
    (state.clock.now() - read_at(feed)).whole_minutes()
}

fn report(feeds: &[(Feed, String)], readers: &Readers, state: &AppState) -> Report {
    let limit = state.settings.ical_stale_minutes;
    let outdated = feeds
        .iter()
        .filter(|(feed, _)| limit < age_minutes(feed, state))
        .count();
    let held = feeds.iter().filter(|(feed, _)| feed.state == "held").count();
    let worst = feeds.iter().max_by_key(|(feed, _)| age_minutes(feed, state));
    let age = worst.map_or(0, |(feed, _)| age_minutes(feed, state));
    let report = match worst {
        Some((feed, name)) if limit < age => {
            Report::warning(format!("ical {}/{name} age {age}m > {limit}m", feed.channel))
        }
        _ if 0 < held => Report::warning(format!("{held} feeds are held for suspicious emptiness")),
        _ => Report::ok(),
    };
    let exposure = feeds
        .iter()
        .map(|(feed, _)| exposure(feed, readers, state.clock.now()).whole())
        .max();
    report
        .field("age_minutes", age)
        .field(
            "exposure_minutes",
            exposure.map_or(0, time::Duration::whole_minutes),
        )
        .field("feeds", feeds.len())
        .field("stale", outdated)
}

/// Figures that are read from the store when metrics are scraped, so that an age grows also when syncing is dead.
#[derive(Clone)]
pub(crate) struct Gauges {
    state: Arc<AppState>,
    age: Gauge,
    exposure: Gauge,
    conflicts: Gauge,
}

impl Gauges {
    pub(crate) fn new(state: Arc<AppState>) -> Self {
        let by_feed = &["feed_source", "accommodation_id"];
        Self {
            state,
            age: Gauge::new(
                "ical_last_sync_age_minutes",
                "Minutes since a feed was last read well.",
                by_feed,
            ),
            exposure: Gauge::new(
                "ical_exposure_minutes",
                "For how many minutes a night can be sold twice: a feed's age, and how long its channel takes to read ours.",
                by_feed,
            ),
            conflicts: Gauge::new(
                "ical_conflicts_open",
                "Closures over stays of ours that wait for a person.",
                &["feed_source"],
            ),
        }
    }

    pub(crate) async fn refresh(self) {
        if let Err(error) = self.read().await {
            tracing::warn!(
                cause = telemetry::trace::chain(&error),
                "the feeds' figures are not fresh"
            );
        }
    }

    async fn read(&self) -> Result<(), StoreFailure> {
        let count = telemetry::metrics::gauge::from_count;
        let (feeds, readers) = feeds(&self.state).await?;
        let now = self.state.clock.now();
        // Of several feeds of one channel, the worst counts.
        let mut worst: BTreeMap<(&str, String), (i64, i64)> = BTreeMap::new();
        for (feed, _) in &feeds {
            let series = (feed.channel.as_str(), feed.accommodation_id.to_string());
            let (age, exposed) = worst.entry(series).or_default();
            *age = age_minutes(feed, &self.state).max(*age);
            *exposed = exposure(feed, &readers, now)
                .whole()
                .whole_minutes()
                .max(*exposed);
        }
        let ages = worst
            .iter()
            .map(|((channel, lodging), (age, _))| (vec![*channel, lodging.as_str()], count(*age)));
        self.age.replace(ages);
        let exposures = worst
            .iter()
            .map(|((channel, lodging), (_, exposed))| (vec![*channel, lodging.as_str()], count(*exposed)));
        self.exposure.replace(exposures);
        let mut conn = self.state.database.get().await?;
        let open = calendar_conflicts::count_by_channel(&mut conn).await?;
        self.conflicts.replace(
            open.iter()
                .map(|(channel, open)| (vec![channel.as_str()], count(*open))),
        );
        Ok(())
    }
}
