//! Redis keys `rate:{policy}:{key}`: how often somebody has called in the present window. A limit, never a fact: Redis
//! may forget it at any time.

use std::time::Duration;

use deadpool_redis::redis::Script;

use crate::redis::{PATIENCE, Redis, RedisError};

/// Counts more calls and starts the window with the first, in one step.
const COUNT: &str = "local calls = redis.call('INCRBY', KEYS[1], ARGV[2])
if calls == tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]); left = tonumber(ARGV[1]) end
return {calls, left}";

/// Uncounts a call, if its window has not ended meanwhile.
const TAKE_BACK: &str = "local calls = tonumber(redis.call('GET', KEYS[1]) or '0')
if 0 < calls then redis.call('DECR', KEYS[1]) end
return calls";

/// Calls counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Calls in this window, these among them.
    pub calls: u64,
    /// How long until the window ends and the count starts anew.
    pub resets_in: Duration,
}

/// Counts `more` calls of `key` under `policy` in windows of `window`.
///
/// # Errors
///
/// [`RedisError`], within [`PATIENCE`] for the connection and again for the answer.
pub async fn count(
    redis: &Redis,
    policy: &str,
    key: &str,
    window: Duration,
    more: u32,
) -> Result<Counted, RedisError> {
    let mut conn = redis.get().await?;
    let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    let script = Script::new(COUNT);
    let mut invocation = script.key(format!("rate:{policy}:{key}"));
    let call = invocation.arg(milliseconds).arg(more).invoke_async(&mut conn);
    let (calls, left): (u64, u64) = tokio::time::timeout(PATIENCE, call).await??;
    Ok(Counted {
        calls,
        resets_in: Duration::from_millis(left),
    })
}

/// Takes back one call of `key` that [`count`] has counted; its window goes on.
///
/// # Errors
///
/// [`RedisError`], within [`PATIENCE`] for the connection and again for the answer.
pub async fn take_back(redis: &Redis, policy: &str, key: &str) -> Result<(), RedisError> {
    let mut conn = redis.get().await?;
    let script = Script::new(TAKE_BACK);
    let invocation = script.key(format!("rate:{policy}:{key}"));
    let call = invocation.invoke_async(&mut conn);
    let _calls: u64 = tokio::time::timeout(PATIENCE, call).await??;
    Ok(())
}
