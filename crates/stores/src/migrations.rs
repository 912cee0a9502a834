//! Waiting for the tables.

use service::background::Background;
use service::readiness::Readiness;
use storage::Database;
use storage::database::PingError;
use storage::migrations;

/// Why the service is not ready yet.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the database lacks migrations: `alojactl migrate up` applies them")]
    Missing,
    #[error("the database cannot tell its migrations")]
    Silent(#[source] PingError),
}

/// Not ready until the database has been seen with every migration of this build; after that it is not asked again.
pub fn require(readiness: &Readiness, background: &Background, database: &Database) {
    let database = database.clone();
    readiness.require(background, "migrations", move || {
        let database = database.clone();
        async move {
            match migrations::applied(&database).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(NotYet::Missing),
                Err(silent) => Err(NotYet::Silent(silent)),
            }
        }
    });
}
