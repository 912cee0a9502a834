//! How hard each host is leaned on: a channel that is slow, or asks for a pause, costs nobody else a turn.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use time::{Duration, OffsetDateTime};
use url::Url;

/// How long to leave a host alone all of whose turns are taken.
const BUSY: Duration = Duration::seconds(5);

/// The hosts that feeds live at. Clones share the count.
#[derive(Clone)]
pub(crate) struct Hosts {
    at_once: u32,
    pace: Arc<DefaultKeyedRateLimiter<String>>,
    known: Arc<Mutex<HashMap<String, Host>>>,
}

#[derive(Default)]
struct Host {
    visits: u32,
    rests_until: Option<OffsetDateTime>,
}

/// A turn at a host; over when dropped.
pub(crate) struct Visit {
    host: String,
    hosts: Hosts,
}

impl Hosts {
    /// At most `at_once` visits at a time, and `per_minute` a minute, to each host.
    pub(crate) fn new(at_once: u32, per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            at_once: at_once.max(1),
            pace: Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))),
            known: Arc::default(),
        }
    }

    /// A turn at the host of `url`, or when to ask again.
    pub(crate) fn visit(&self, url: &str, now: OffsetDateTime) -> Result<Visit, OffsetDateTime> {
        let name = host_of(url);
        let mut hosts = self.lock();
        let host = hosts.entry(name.clone()).or_default();
        if let Some(until) = host.rests_until.filter(|until| now < *until) {
            return Err(until);
        }
        if self.at_once <= host.visits {
            return Err(now + BUSY);
        }
        if let Err(early) = self.pace.check_key(&name) {
            let wait = early.wait_time_from(DefaultClock::default().now());
            return Err(now + Duration::try_from(wait).unwrap_or(BUSY).max(Duration::SECOND));
        }
        host.visits += 1;
        Ok(Visit {
            host: name,
            hosts: self.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// The host has asked for a pause, which goes for all its feeds.
    pub(crate) fn rest(&self, until: OffsetDateTime) {
        if let Some(host) = self.hosts.lock().get_mut(&self.host) {
            host.rests_until = host.rests_until.max(Some(until));
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(host) = self.hosts.lock().get_mut(&self.host) {
            host.visits = host.visits.saturating_sub(1);
        }
    }
}

/// What of a feed's address may be shown.
pub(crate) fn host_of(url: &str) -> String {
    let url = Url::parse(url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}
