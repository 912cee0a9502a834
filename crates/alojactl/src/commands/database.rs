//! The database that the commands work on.

use anyhow::Context;
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use serde::Deserialize;
use storage::{Database, DatabaseSettings};

use crate::settings;

#[derive(Deserialize)]
struct Settings {
    database_url: SecretString,
}

/// A connection outside any pool, without the services' time limits.
pub(crate) async fn connect() -> anyhow::Result<AsyncPgConnection> {
    let settings: Settings = settings::load()?;
    let database = Database::new(&DatabaseSettings::new(settings.database_url, "alojactl"))?;
    database
        .connect_directly()
        .await
        .context("no se puede llegar a la base de datos; ¿está en marcha, y es correcta DATABASE_URL?")
}
