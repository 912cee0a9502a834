//! The migrations of `/migrations`, embedded, applied without libpq.

use diesel::QueryableByName;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::database::{Database, PingError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Changes whenever a migration of this build does: 16 hex digits.
pub const FINGERPRINT: &str = env!("MIGRATIONS_FINGERPRINT");

/// The lock that keeps two migrators apart; the number is arbitrary and ours.
const LOCK: &str = "SELECT pg_advisory_lock(7246001)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7246001)";

/// Why a migration did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The lock, or the list of applied migrations, could not be had.
    #[error("the database could not be asked for its migrations")]
    Query(#[from] diesel::result::Error),
    /// A migration failed; it was rolled back whole.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its folder's name.
    pub name: String,
    /// Whether it has been applied.
    pub applied: bool,
}

/// Applies what is missing and gives the names of what it applied. Needs the multi-thread runtime.
///
/// # Errors
///
/// [`MigrateError`]; every migration is applied whole or not at all.
pub async fn up(conn: AsyncPgConnection) -> Result<Vec<String>, MigrateError> {
    locked(conn, |harness| {
        let versions = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Takes back the newest migration, if there is one, and gives its version.
///
/// # Errors
///
/// [`MigrateError`].
pub async fn down(conn: AsyncPgConnection) -> Result<Option<String>, MigrateError> {
    locked(conn, |harness| {
        if harness.applied_migrations()?.is_empty() {
            return Ok(None);
        }
        harness
            .revert_last_migration(MIGRATIONS)
            .map(|version| Some(version.to_string()))
    })
    .await
}

/// Every migration of this build, in order.
///
/// # Errors
///
/// [`MigrateError`].
pub async fn status(conn: AsyncPgConnection) -> Result<Vec<MigrationStatus>, MigrateError> {
    locked(conn, |harness| {
        let pending = harness.pending_migrations(MIGRATIONS)?;
        let pending: Vec<String> = pending
            .iter()
            .map(|migration| migration.name().to_string())
            .collect();
        let mut all: Vec<String> = MigrationSource::<Pg>::migrations(&MIGRATIONS)?
            .iter()
            .map(|migration| migration.name().to_string())
            .collect();
        all.sort();
        let status = |name: String| MigrationStatus {
            applied: !pending.contains(&name),
            name,
        };
        Ok(all.into_iter().map(status).collect())
    })
    .await
}

/// Whether the database has every migration of this build; newer ones do not disturb. Takes no lock.
///
/// # Errors
///
/// [`PingError`] if the database does not answer, or has never been migrated.
pub async fn applied(database: &Database) -> Result<bool, PingError> {
    let mut conn = database.get().await?;
    let applied: Vec<Version> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(&mut conn)
        .await?;
    let ours = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    let has = |version: &str| applied.iter().any(|row| row.version == version);
    Ok(!ours.is_empty()
        && ours
            .iter()
            .all(|migration| has(&migration.name().version().to_string())))
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

type Step<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn locked<T: Send>(
    mut conn: AsyncPgConnection,
    step: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> Step<T> + Send,
) -> Result<T, MigrateError> {
    diesel::sql_query(LOCK).execute(&mut conn).await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let result = step(&mut harness);
    let mut conn = harness.into_inner();
    diesel::sql_query(UNLOCK).execute(&mut conn).await?;
    result.map_err(MigrateError::Migration)
}
