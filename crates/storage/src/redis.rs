//! The pool of Redis connections. Redis holds hints and limits only: every caller goes on without it.

use std::time::Duration;

use deadpool_redis::{Config, Connection, Pool, PoolConfig, PoolError, Runtime, Timeouts};
use secrecy::{ExposeSecret, SecretString};

/// How long anything may wait for Redis before going on without it.
pub const PATIENCE: Duration = Duration::from_millis(200);

/// `REDIS_URL` cannot be read. The text is not shown, since it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("REDIS_URL is not a Redis URL")]
pub struct InvalidRedis;

/// Redis did not answer in time, or not at all.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// No connection.
    #[error("no Redis connection")]
    Pool(#[from] PoolError),
    /// A command failed.
    #[error("Redis refused a command")]
    Command(#[from] deadpool_redis::redis::RedisError),
    /// No answer within [`PATIENCE`].
    #[error("Redis did not answer in time")]
    Slow(#[from] tokio::time::error::Elapsed),
}

/// The pool; clones share it.
#[derive(Clone)]
pub struct Redis {
    pool: Pool,
}

impl Redis {
    /// Builds the pool without connecting.
    ///
    /// # Errors
    ///
    /// [`InvalidRedis`] if the URL makes no sense.
    pub fn new(url: &SecretString) -> Result<Self, InvalidRedis> {
        let mut config = Config::from_url(url.expose_secret());
        let patience = Some(PATIENCE);
        let timeouts = Timeouts {
            wait: patience,
            create: patience,
            recycle: patience,
        };
        config.pool = Some(PoolConfig {
            max_size: 8,
            timeouts,
            ..PoolConfig::default()
        });
        let pool = config.create_pool(Some(Runtime::Tokio1)).or(Err(InvalidRedis))?;
        Ok(Self { pool })
    }

    /// A connection, within [`PATIENCE`].
    ///
    /// # Errors
    ///
    /// [`RedisError::Pool`].
    pub async fn get(&self) -> Result<Connection, RedisError> {
        Ok(self.pool.get().await?)
    }

    /// Asks Redis for nothing, to learn whether it answers.
    ///
    /// # Errors
    ///
    /// [`RedisError`] if it does not.
    pub async fn ping(&self) -> Result<(), RedisError> {
        let mut conn = self.get().await?;
        let ping = async {
            deadpool_redis::redis::cmd("PING")
                .query_async::<String>(&mut conn)
                .await
        };
        tokio::time::timeout(PATIENCE, ping).await??;
        Ok(())
    }
}
