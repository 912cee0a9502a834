//! Redis `lock:acc:{accommodation_id}:{check_in}:{check_out}`: a hint that somebody has just taken exactly these nights.
//!
//! Only a hint. The database judges; without Redis everything goes on, and a lock that a crash left behind refuses
//! nobody: who meets one looks at the database. Written by the service `reservations`.

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_redis::redis::{self, Script};
use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::stay::Stay;
use tokio::time::timeout;

use crate::redis::{PATIENCE, Redis, RedisError};

/// The longest life of a lock. Source: architecture, "Decisions that carry the promises".
pub const LONGEST: Duration = Duration::from_mins(30);

/// Deletes a lock only if it still belongs to the reservation that frees it.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    )
});

/// The lock's key in Redis.
#[must_use]
pub fn key(accommodation: AccommodationId, stay: Stay) -> String {
    format!(
        "lock:acc:{accommodation}:{}:{}",
        stay.check_in(),
        stay.check_out()
    )
}

/// Takes the lock for `code` if nobody has it; false if somebody does.
///
/// # Errors
///
/// [`RedisError`], on which the caller goes on without the hint.
pub async fn acquire(
    redis: &Redis,
    accommodation: AccommodationId,
    stay: Stay,
    code: &ReservationCode,
    life: Duration,
) -> Result<bool, RedisError> {
    set(redis, accommodation, stay, code, life, Some("NX")).await
}

/// Takes the lock for `code`, whoever had it: the database has judged.
///
/// # Errors
///
/// [`RedisError`], on which the caller goes on without the hint.
pub async fn take(
    redis: &Redis,
    accommodation: AccommodationId,
    stay: Stay,
    code: &ReservationCode,
    life: Duration,
) -> Result<(), RedisError> {
    set(redis, accommodation, stay, code, life, None).await?;
    Ok(())
}

/// Deletes the lock if it is of `code`.
///
/// # Errors
///
/// [`RedisError`], on which the caller goes on: the lock dies by itself.
pub async fn release(
    redis: &Redis,
    accommodation: AccommodationId,
    stay: Stay,
    code: &ReservationCode,
) -> Result<(), RedisError> {
    let released = async {
        let mut conn = redis.get().await?;
        let mut call = RELEASE.prepare_invoke();
        call.key(key(accommodation, stay)).arg(code.as_str());
        let _deleted: i64 = call.invoke_async(&mut conn).await?;
        Ok(())
    };
    timeout(PATIENCE, released).await?
}

async fn set(
    redis: &Redis,
    accommodation: AccommodationId,
    stay: Stay,
    code: &ReservationCode,
    life: Duration,
    condition: Option<&str>,
) -> Result<bool, RedisError> {
    let milliseconds = u64::try_from(life.min(LONGEST).as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let mut command = redis::cmd("SET");
    command.arg(key(accommodation, stay)).arg(code.as_str());
    command.arg(condition).arg("PX").arg(milliseconds);
    let done = async {
        let mut conn = redis.get().await?;
        let answer: Option<String> = command.query_async(&mut conn).await?;
        Ok(answer.is_some())
    };
    timeout(PATIENCE, done).await?
}
