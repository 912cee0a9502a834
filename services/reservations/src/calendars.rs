//! Other channels' calendars, looked at once more before nights are sold. They are read by `ical-sync`.

use std::time::{Duration, Instant};

use api::feed::{RecheckRequest, Rechecked};
use domain::accommodation::AccommodationId;
use moka::Expiry;
use moka::future::Cache;
use reqwest::Method;
use secrecy::SecretString;
use service::upstream::{ClientError, Upstream, UpstreamError};
use telemetry::metrics::Counter;

/// How long a look that failed is good enough for the next guest.
const FAILED_GOOD_FOR: Duration = Duration::from_secs(5);

/// What `ical-sync` may take beyond its patience with the channels.
const OVERHEAD: Duration = Duration::from_millis(500);

const RESULTS: &[&str] = &["fresh", "outdated", "failed"];

/// The way to `ical-sync`, if it is known.
pub(crate) struct Calendars {
    ical_sync: Option<Upstream>,
    patience: Duration,
    recent: Cache<i64, Duration>,
    rechecks: Counter,
}

impl Calendars {
    /// Waits for channels for at most `patience`; without `url` it never asks.
    pub(crate) fn new(
        url: Option<&str>,
        token: Option<SecretString>,
        patience: Duration,
    ) -> Result<Self, ClientError> {
        let ical_sync = url
            .map(|url| Upstream::with_timeout("ical-sync", url, token, patience + OVERHEAD))
            .transpose()?;
        Ok(Self {
            ical_sync,
            patience,
            recent: Cache::builder().max_capacity(10_000).expire_after(Itself).build(),
            rechecks: Counter::new(
                "calendar_rechecks_total",
                "Looks at a lodging's other calendars before its nights are held.",
                &[("result", RESULTS)],
            ),
        })
    }

    /// Has the lodging's outdated calendars read. Nothing is locked meanwhile, and whatever fails stops no sale: then
    /// the nights are judged by what was last known.
    pub(crate) async fn recheck(&self, accommodation: AccommodationId) {
        let Some(ical_sync) = &self.ical_sync else {
            return;
        };
        let look = self.look(ical_sync, accommodation);
        self.recent.get_with(accommodation.0, look).await;
    }

    /// Tells for how long the look is good enough.
    async fn look(&self, ical_sync: &Upstream, accommodation: AccommodationId) -> Duration {
        let asked = self.ask(ical_sync, accommodation).await;
        let good_for = match &asked {
            Ok(Some(rechecked)) => Duration::from_millis(rechecked.good_for_ms.into()),
            Ok(None) | Err(_) => FAILED_GOOD_FOR,
        };
        let result = match asked {
            Ok(Some(rechecked)) if rechecked.outdated == 0 => "fresh",
            Ok(Some(rechecked)) => {
                tracing::warn!(
                    accommodation.id = accommodation.0,
                    feeds = rechecked.feeds,
                    outdated = rechecked.outdated,
                    "nights are sold though other calendars could not be read in time"
                );
                "outdated"
            }
            Ok(None) => "failed",
            Err(failure) => {
                let cause = telemetry::trace::chain(&failure);
                tracing::warn!(
                    accommodation.id = accommodation.0,
                    cause,
                    "nights are sold though other calendars could not be looked at"
                );
                "failed"
            }
        };
        self.rechecks.increment(&[("result", result)]);
        good_for
    }

    async fn ask(
        &self,
        ical_sync: &Upstream,
        accommodation: AccommodationId,
    ) -> Result<Option<Rechecked>, UpstreamError> {
        let path = format!("/internal/v1/accommodations/{accommodation}/feeds/recheck");
        let within_ms = u32::try_from(self.patience.as_millis()).unwrap_or(u32::MAX);
        let request = ical_sync
            .request(Method::POST, &path)
            .json(&RecheckRequest { within_ms });
        let answer = ical_sync.send(request).await?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        let rechecked = answer.json().await.map_err(|error| ical_sync.failure(error))?;
        Ok(Some(rechecked))
    }
}

/// What is kept says for how long.
struct Itself;

impl Expiry<i64, Duration> for Itself {
    fn expire_after_create(
        &self,
        _accommodation: &i64,
        good_for: &Duration,
        _at: Instant,
    ) -> Option<Duration> {
        Some(*good_for)
    }
}
