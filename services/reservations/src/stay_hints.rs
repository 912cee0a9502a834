//! Stay locks in Redis as the service uses them: hints, never a reason to fail or to wait long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::stay::Stay;
use storage::redis::{Redis, RedisError};
use storage::stay_locks;

use crate::metrics::Metrics;

/// How long Redis is left alone after a failure, so that a dead one does not slow every hold.
const PAUSE: Duration = Duration::from_secs(2);

/// What Redis says about nights that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Nobody has them; the lock is ours now.
    Ours,
    /// Somebody has, or had, exactly these: look at the database before waiting in line.
    Somebodys,
    /// Redis does not answer.
    Unknown,
}

/// The stay locks. Clones share the pause.
#[derive(Clone)]
pub(crate) struct StayHints {
    redis: Redis,
    metrics: Metrics,
    away_until: Arc<Mutex<Option<Instant>>>,
}

impl StayHints {
    pub(crate) fn new(redis: Redis, metrics: Metrics) -> Self {
        Self {
            redis,
            metrics,
            away_until: Arc::default(),
        }
    }

    /// Tries to be the first who wants these nights.
    pub(crate) async fn claim(
        &self,
        accommodation: AccommodationId,
        stay: Stay,
        code: &ReservationCode,
        life: Duration,
    ) -> Hint {
        if self.is_away() {
            return Hint::Unknown;
        }
        let acquired = stay_locks::acquire(&self.redis, accommodation, stay, code, life).await;
        match self.noted(acquired) {
            Some(true) => Hint::Ours,
            Some(false) => Hint::Somebodys,
            None => Hint::Unknown,
        }
    }

    /// Puts the lock right: the database gave the nights to `code`.
    pub(crate) async fn take(
        &self,
        accommodation: AccommodationId,
        stay: Stay,
        code: &ReservationCode,
        life: Duration,
    ) {
        if !self.is_away() {
            let taken = stay_locks::take(&self.redis, accommodation, stay, code, life).await;
            self.noted(taken);
        }
    }

    /// Gives the lock back if it is of `code`.
    pub(crate) async fn release(&self, accommodation: AccommodationId, stay: Stay, code: &ReservationCode) {
        if !self.is_away() {
            let released = stay_locks::release(&self.redis, accommodation, stay, code).await;
            self.noted(released);
        }
    }

    fn is_away(&self) -> bool {
        let away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        away_until.is_some_and(|until| Instant::now() < until)
    }

    fn noted<T>(&self, answer: Result<T, RedisError>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(failure) => {
                let cause = telemetry::trace::chain(&failure);
                tracing::warn!(cause, "stay lock: going on without Redis");
                self.metrics.redis_error();
                let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
                *away_until = Some(Instant::now() + PAUSE);
                None
            }
        }
    }
}
