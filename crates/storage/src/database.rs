//! The pool of PostgreSQL connections.

use std::str::FromStr;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, PoolConfig, QueueMode, Timeouts};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool as pooled,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::NoTls;

/// How long a statement, a wait for a lock and an idle transaction may last.
///
/// Nested: gateway 10 s > upstream 5 s > statement 3 s. Source: architecture, "When things break".
const SESSION: &str = "-c statement_timeout=3000 -c lock_timeout=2500 -c idle_in_transaction_session_timeout=15000 \
                       -c timezone=UTC";

/// For connections that may be silent for hours: PostgreSQL, too, notices within half a minute that the other side is
/// gone, and lets go of the locks that the connection had.
const LONG_SESSION: &str = "-c timezone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 \
                            -c tcp_keepalives_count=3";

/// A connection on loan from the pool; it goes back when dropped.
pub type Connection = Object<AsyncDieselConnectionManager<AsyncPgConnection>>;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// What `pg_stat_activity` shows: the service's name.
    pub application_name: &'static str,
    /// The most connections that this process opens.
    pub max_connections: usize,
    /// How long to wait for a connection, opened anew or given back.
    pub wait: Duration,
}

impl DatabaseSettings {
    /// The house's limits: 10 connections, and 900 ms to get one, so that a caller hears "down" within a second.
    #[must_use]
    pub fn new(url: SecretString, application_name: &'static str) -> Self {
        Self {
            url,
            application_name,
            max_connections: 10,
            wait: Duration::from_millis(900),
        }
    }
}

/// No connection could be had in time.
#[derive(Debug, thiserror::Error)]
#[error("no database connection")]
pub struct DatabaseUnavailable(#[from] pooled::PoolError);

/// Why PostgreSQL did not do what it was asked: all that can go wrong where nothing is refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreFailure {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// A statement failed.
    #[error("a statement failed")]
    Query(#[from] diesel::result::Error),
}

/// The address of the database cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDatabase {
    /// It is no PostgreSQL URL. The text is not shown, since it may hold a password.
    #[error("DATABASE_URL is not a PostgreSQL URL")]
    Url,
    /// The pool's limits contradict each other.
    #[error("the pool cannot be built")]
    Pool(#[from] pooled::BuildError),
}

/// The pool; clones share it.
#[derive(Clone)]
pub struct Database {
    pool: pooled::Pool<AsyncPgConnection>,
    direct: tokio_postgres::Config,
}

/// How many connections there are and are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// The most there may be.
    pub max: usize,
    /// Open ones.
    pub open: usize,
    /// Open ones that nobody uses.
    pub idle: usize,
    /// Callers waiting for one.
    pub waiting: usize,
}

impl Database {
    /// Builds the pool without connecting: a service starts before its database.
    ///
    /// # Errors
    ///
    /// [`InvalidDatabase`] if the settings make no sense.
    pub fn new(settings: &DatabaseSettings) -> Result<Self, InvalidDatabase> {
        let mut config =
            tokio_postgres::Config::from_str(settings.url.expose_secret()).or(Err(InvalidDatabase::Url))?;
        config.application_name(settings.application_name);
        config.connect_timeout(settings.wait);
        // A server that vanished without a word (its machine died) is noticed in seconds, not in the kernel's two hours.
        config.keepalives_idle(Duration::from_secs(10));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(15));
        let mut direct = config.clone();
        direct.options(LONG_SESSION);
        config.options(SESSION);

        let mut manager = ManagerConfig::<AsyncPgConnection>::default();
        // A closed connection is seen without a query; an open one is not worth a round trip each time.
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_url| establish(config.clone()).boxed());
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), manager);
        let wait = Some(settings.wait);
        let pool = pooled::Pool::builder(manager)
            .config(PoolConfig {
                max_size: settings.max_connections,
                timeouts: Timeouts {
                    wait,
                    create: wait,
                    recycle: wait,
                },
                queue_mode: QueueMode::Fifo,
            })
            .runtime(Runtime::Tokio1)
            .build()?;
        Ok(Self { pool, direct })
    }

    /// A connection, within the settings' `wait`.
    ///
    /// # Errors
    ///
    /// [`DatabaseUnavailable`] if the database is down or every connection is busy.
    pub async fn get(&self) -> Result<Connection, DatabaseUnavailable> {
        Ok(self.pool.get().await?)
    }

    /// Asks the database for nothing, to learn whether it answers.
    ///
    /// # Errors
    ///
    /// [`PingError`] if it does not.
    pub async fn ping(&self) -> Result<(), PingError> {
        let mut conn = self.get().await?;
        diesel::sql_query("SELECT 1").execute(&mut conn).await?;
        Ok(())
    }

    /// How busy the pool is.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let status = self.pool.status();
        PoolStatus {
            max: status.max_size,
            open: status.size,
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// The settings of a connection outside the pool: without statement timeouts, never through a pooler.
    pub(crate) fn direct(&self) -> &tokio_postgres::Config {
        &self.direct
    }

    /// A connection outside the pool, for migrations and long reports.
    ///
    /// # Errors
    ///
    /// [`ConnectionError`] if the database cannot be reached.
    pub async fn connect_directly(&self) -> ConnectionResult<AsyncPgConnection> {
        establish(self.direct.clone()).await
    }
}

/// Why the database does not answer.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// A connection that does not answer.
    #[error("the database does not answer")]
    Query(#[from] diesel::result::Error),
}

impl PingError {
    /// What health pages say: words without an address or a name.
    #[must_use]
    pub fn words(&self) -> &'static str {
        let text = match self {
            Self::Unavailable(DatabaseUnavailable(pooled::PoolError::Timeout(_))) => return "timed out",
            Self::Unavailable(DatabaseUnavailable(error)) => error.to_string(),
            Self::Query(error) => error.to_string(),
        };
        if text.contains("refused") {
            "connection refused"
        } else if text.contains("starting up") || text.contains("shutting down") {
            "starting or stopping"
        } else if text.contains("authentication") || text.contains("does not exist") {
            "access denied"
        } else {
            "no answer"
        }
    }
}

async fn establish(config: tokio_postgres::Config) -> ConnectionResult<AsyncPgConnection> {
    let connected = config.connect(NoTls).await;
    let (client, connection) =
        connected.map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}
