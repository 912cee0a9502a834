//! Rate limits: counted in Redis, so that all replicas count together; without Redis, each process by itself.
//!
//! A policy counts each call in Redis, or is on lease: a process takes some of a caller's calls from Redis at once,
//! fewer the fewer are left, and spends them by itself. No caller ever has more calls than the quota; one whose calls
//! arrive at N replicas may be refused while the other N - 1 hold a lease, each a thirty-second of the quota at most.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache;
use storage::rate_limits::{self, Counted};
use storage::redis::Redis;
use telemetry::metrics::Counter;

/// How long Redis is left alone after it failed, so that a dead Redis does not slow every request.
const LEAVE_ALONE: Duration = Duration::from_secs(2);

/// How many callers a process remembers by itself; the least recent ones are forgotten first.
const REMEMBERED: u64 = 100_000;

/// A lease is this part of the calls that a caller has left, and one call at least.
const LEASE: u32 = 32;

/// How many callers' leases a process holds; one that is forgotten is lost to its caller.
const LEASES: u64 = 20_000;

/// So many calls in such a window, under a name that clients see.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) quota: NonZeroU32,
    pub(crate) window: Duration,
    /// The value of `RateLimit-Policy`.
    pub(crate) header: String,
    /// The windows that this process counts by itself; one is forgotten when it ends.
    alone: Cache<String, Arc<Window>>,
    /// `None`: each call is counted in Redis.
    leases: Option<Cache<String, Arc<Leased>>>,
}

/// One caller's lease, and the turn to renew it.
#[derive(Debug)]
struct Leased {
    lease: Mutex<Lease>,
    renewal: tokio::sync::Mutex<()>,
}

/// Calls of one caller that are counted in Redis already.
#[derive(Debug, Clone, Copy)]
struct Lease {
    left: u32,
    /// What Redis had left besides.
    beyond: u32,
    /// When the caller's window ends, and the lease with it.
    ends: Instant,
}

impl Leased {
    /// Spends a call; `None` if Redis has to be asked for more first.
    ///
    /// A caller without calls is not asked about again until its window ends.
    fn spend(&self) -> Option<Verdict> {
        let mut lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        let resets_in = lease.ends.checked_duration_since(Instant::now())?;
        if lease.left == 0 && 0 < lease.beyond {
            return None;
        }
        let allowed = 0 < lease.left;
        lease.left = lease.left.saturating_sub(1);
        Some(Verdict {
            allowed,
            remaining: lease.left + lease.beyond,
            resets_in: whole_seconds(resets_in),
        })
    }
}

/// One caller's calls since its first one.
#[derive(Debug)]
struct Window {
    began: Instant,
    calls: AtomicU64,
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

/// A call beyond the quota, as its caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// The value of `RateLimit-Policy`.
    pub(crate) policy: String,
    /// The value of `RateLimit`.
    pub(crate) state: String,
    /// Whole seconds.
    pub(crate) retry_after: u64,
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
        Self {
            name,
            quota,
            window,
            header: format!("\"{name}\";q={quota};w={}", window.as_secs()),
            alone: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(window)
                .build(),
            leases: None,
        }
    }

    /// The same, on lease.
    pub(crate) fn on_lease(self) -> Self {
        let leases = Cache::builder()
            .max_capacity(LEASES)
            .time_to_live(self.window)
            .build();
        Self {
            leases: Some(leases),
            ..self
        }
    }

    /// The value of `RateLimit` after `verdict`.
    pub(crate) fn state(&self, verdict: Verdict) -> String {
        format!(
            "\"{}\";r={};t={}",
            self.name, verdict.remaining, verdict.resets_in
        )
    }

    /// What the caller of a refused call is told.
    pub(crate) fn exceeded(&self, refused: Verdict) -> Exceeded {
        Exceeded {
            policy: self.header.clone(),
            state: self.state(refused),
            retry_after: refused.resets_in,
        }
    }

    fn verdict(&self, calls: u64, resets_in: Duration) -> Verdict {
        let quota = u64::from(self.quota.get());
        Verdict {
            allowed: calls <= quota,
            remaining: u32::try_from(quota.saturating_sub(calls)).unwrap_or(0),
            resets_in: whole_seconds(resets_in),
        }
    }

    async fn count_alone(&self, key: &str) -> Verdict {
        let window = self.alone.get_with_by_ref(key, async {
            Arc::new(Window {
                began: Instant::now(),
                calls: AtomicU64::new(0),
            })
        });
        let window = window.await;
        let calls = window.calls.fetch_add(1, Ordering::Relaxed) + 1;
        self.verdict(calls, self.window.saturating_sub(window.began.elapsed()))
    }

    async fn take_back_alone(&self, key: &str) {
        if let Some(window) = self.alone.get(key).await {
            window.calls.fetch_sub(1, Ordering::Relaxed);
        }
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
        let counted = match &policy.leases {
            None => {
                let counted = Box::pin(self.count(policy, key, 1)).await;
                counted.map(|counted| policy.verdict(counted.calls, counted.resets_in))
            }
            Some(leases) => self.spend(policy, leases, key).await,
        };
        let verdict = match counted {
            Some(verdict) => verdict,
            None => policy.count_alone(key).await,
        };
        if !verdict.allowed {
            self.rejections.increment(&[("policy", policy.name)]);
            tracing::info!(policy = policy.name, "rate_limit: a call was refused");
        }
        verdict
    }

    /// Spends one call of the caller's lease, which is renewed when it is used up; `None` if Redis cannot be asked.
    async fn spend(
        &self,
        policy: &Policy,
        callers: &Cache<String, Arc<Leased>>,
        key: &str,
    ) -> Option<Verdict> {
        let leased = callers.get_with_by_ref(key, async {
            let none_yet = Lease {
                left: 0,
                beyond: policy.quota.get(),
                ends: Instant::now(),
            };
            Arc::new(Leased {
                lease: Mutex::new(none_yet),
                renewal: tokio::sync::Mutex::default(),
            })
        });
        let leased = leased.await;
        if let Some(verdict) = leased.spend() {
            return Some(verdict);
        }
        let _turn = leased.renewal.lock().await;
        loop {
            // Another call may have renewed it meanwhile, and others may have spent it.
            if let Some(verdict) = leased.spend() {
                return Some(verdict);
            }
            // Boxed, like all that is seldom done: what waits for each call stays small.
            Box::pin(self.renew(policy, &leased, key)).await?;
        }
    }

    async fn renew(&self, policy: &Policy, leased: &Leased, key: &str) -> Option<()> {
        let lease = || leased.lease.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *lease();
        let beyond = if before.ends <= Instant::now() {
            policy.quota.get()
        } else {
            before.beyond
        };
        let asked_for = 1 + beyond.saturating_sub(1) / LEASE;
        let counted = self.count(policy, key, asked_for).await?;
        let others = counted.calls.saturating_sub(asked_for.into());
        let free = u32::try_from(u64::from(policy.quota.get()).saturating_sub(others)).unwrap_or(0);
        *lease() = Lease {
            left: free.min(asked_for),
            beyond: free.saturating_sub(asked_for),
            ends: Instant::now() + counted.resets_in,
        };
        Some(())
    }

    /// Counts calls in Redis; `None` if it cannot be asked.
    async fn count(&self, policy: &Policy, key: &str, more: u32) -> Option<Counted> {
        if self.leaves_redis_alone() {
            return None;
        }
        let counted = rate_limits::count(&self.redis, policy.name, key, policy.window, more).await;
        counted.map_err(|error| self.leave_redis_alone(&error)).ok()
    }

    /// Takes back one call that [`admit`](Self::admit) has counted and allowed.
    pub(crate) async fn take_back(&self, policy: &Policy, key: &str) {
        let taken = if self.leaves_redis_alone() {
            None
        } else {
            let taken = rate_limits::take_back(&self.redis, policy.name, key).await;
            taken.map_err(|error| self.leave_redis_alone(&error)).ok()
        };
        if taken.is_none() {
            policy.take_back_alone(key).await;
        }
    }

    fn leaves_redis_alone(&self) -> bool {
        self.now() < self.alone_until.load(Ordering::Relaxed)
    }

    fn leave_redis_alone(&self, error: &storage::redis::RedisError) {
        let pause = u64::try_from(LEAVE_ALONE.as_millis()).unwrap_or(0);
        self.alone_until
            .store(self.now().saturating_add(pause), Ordering::Relaxed);
        self.redis_failures.increment(&[]);
        tracing::warn!(
            cause = telemetry::trace::chain(error),
            "limits are counted by this process alone"
        );
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    let part = u64::from(duration.subsec_nanos() != 0);
    (duration.as_secs() + part).max(1)
}
