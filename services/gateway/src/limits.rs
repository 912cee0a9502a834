//! Rate limits: counted in Redis, so that all replicas count together; without Redis, each process by itself.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use storage::rate_limits;
use storage::redis::Redis;
use telemetry::metrics::Counter;

/// How long Redis is left alone after it failed, so that a dead Redis does not slow every request.
const LEAVE_ALONE: Duration = Duration::from_secs(2);

/// So many calls in such a window, under a name that clients see.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) quota: NonZeroU32,
    pub(crate) window: Duration,
    alone: RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>,
}

/// What a limit says about one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) allowed: bool,
    /// Calls left in this window.
    pub(crate) remaining: u32,
    /// Whole seconds until the quota is whole again, rounded up, at least 1.
    pub(crate) resets_in: u64,
}

/// The counters behind all policies. Clones share them.
#[derive(Clone)]
pub(crate) struct Limits {
    redis: Redis,
    started: Instant,
    alone_until: Arc<AtomicU64>,
    rejections: Counter,
    redis_failures: Counter,
}

impl Policy {
    /// `quota` calls in each `window`; a quota of 0 is taken as 1.
    pub(crate) fn new(name: &'static str, quota: u32, window: Duration) -> Self {
        let quota = NonZeroU32::new(quota).unwrap_or(NonZeroU32::MIN);
        let pace = window
            .checked_div(quota.get())
            .filter(|pace| !pace.is_zero())
            .unwrap_or(Duration::from_nanos(1));
        let steady = Quota::with_period(pace).unwrap_or(Quota::per_second(quota));
        let alone = RateLimiter::keyed(steady.allow_burst(quota)).with_middleware();
        Self {
            name,
            quota,
            window,
            alone,
        }
    }

    /// The value of `RateLimit-Policy`.
    pub(crate) fn header(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota, self.window.as_secs())
    }
}

impl Limits {
    pub(crate) fn new(redis: Redis, policies: &'static [&'static str]) -> Self {
        Self {
            redis,
            started: Instant::now(),
            alone_until: Arc::default(),
            rejections: Counter::new(
                "rate_limit_rejections_total",
                "Calls refused by a rate limit.",
                &[("policy", policies)],
            ),
            redis_failures: Counter::new("redis_errors_total", "Calls that went on without Redis.", &[]),
        }
    }

    /// Counts one call of `key` under `policy`.
    pub(crate) async fn admit(&self, policy: &Policy, key: &str) -> Verdict {
        let verdict = match self.together(policy, key).await {
            Some(verdict) => verdict,
            None => alone(policy, key),
        };
        if !verdict.allowed {
            self.rejections.increment(&[("policy", policy.name)]);
            tracing::info!(policy = policy.name, "rate_limit: a call was refused");
        }
        verdict
    }

    async fn together(&self, policy: &Policy, key: &str) -> Option<Verdict> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now < self.alone_until.load(Ordering::Relaxed) {
            return None;
        }
        match rate_limits::count(&self.redis, policy.name, key, policy.window).await {
            Ok(counted) => {
                let quota = u64::from(policy.quota.get());
                Some(Verdict {
                    allowed: counted.calls <= quota,
                    remaining: u32::try_from(quota.saturating_sub(counted.calls)).unwrap_or(0),
                    resets_in: whole_seconds(counted.resets_in),
                })
            }
            Err(error) => {
                let leave_alone = u64::try_from(LEAVE_ALONE.as_millis()).unwrap_or(0);
                self.alone_until
                    .store(now.saturating_add(leave_alone), Ordering::Relaxed);
                self.redis_failures.increment(&[]);
                tracing::warn!(
                    cause = telemetry::trace::chain(&error),
                    "limits are counted by this process alone"
                );
                None
            }
        }
    }
}

fn alone(policy: &Policy, key: &str) -> Verdict {
    // Callers that have not called for a window take no room.
    if 100_000 < policy.alone.len() {
        policy.alone.retain_recent();
    }
    match policy.alone.check_key(&key.to_owned()) {
        Ok(left) => Verdict {
            allowed: true,
            remaining: left.remaining_burst_capacity(),
            resets_in: whole_seconds(policy.window),
        },
        Err(not_until) => {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Verdict {
                allowed: false,
                remaining: 0,
                resets_in: whole_seconds(wait),
            }
        }
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    let part = u64::from(duration.subsec_nanos() != 0);
    (duration.as_secs() + part).max(1)
}
