//! A migrated database for one test, cloned from a template in a few milliseconds.

use std::sync::Once;

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use storage::{Connection, Database, DatabaseSettings, migrations, outbox};
use url::Url;

use crate::{detached, names, stores::stores};

/// Keeps those apart who make the template; the number is arbitrary and ours.
const TEMPLATE_LOCK: i64 = 7_246_002;

/// An empty, migrated database. Dropping it drops the database, whoever is still connected.
pub struct TestDatabase {
    name: String,
    url: Url,
    database: Database,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    datname: String,
}

impl TestDatabase {
    /// Makes one. Needs the multi-thread runtime, which migrations ask for.
    ///
    /// # Panics
    ///
    /// If PostgreSQL is not there, or a migration fails.
    pub async fn create() -> Self {
        let mut admin = admin().await;
        let template = template(&mut admin).await;
        sweep_once(&mut admin).await;
        let name = names::unique();
        execute(&mut admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let url = with_database(&name);
        Self {
            database: open(&url),
            name,
            url,
        }
    }

    /// The pool.
    #[must_use]
    pub fn database(&self) -> Database {
        self.database.clone()
    }

    /// A connection from the pool.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn conn(&self) -> Connection {
        self.database
            .get()
            .await
            .expect("a connection to the test's database")
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Holds the locks that `statement` takes until what this gives is dropped.
    ///
    /// # Panics
    ///
    /// If the database does not answer, or refuses the statement.
    pub async fn locked(&self, statement: &str) -> AsyncPgConnection {
        let connected = self.database.connect_directly().await;
        let mut conn = connected.expect("a connection to the test's database");
        execute(&mut conn, "BEGIN").await;
        execute(&mut conn, statement).await;
        conn
    }

    /// The names of the events that nobody has published yet, oldest first.
    ///
    /// # Panics
    ///
    /// If the database does not answer.
    pub async fn outbox(&self) -> Vec<String> {
        let mut conn = self.conn().await;
        outbox::pending_names(&mut conn, 1_000).await.expect("the outbox")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        detached::run(async move { execute(&mut admin().await, &statement).await });
    }
}

/// A pool over any address, such as one that leads through a [`crate::Proxy`].
///
/// # Panics
///
/// If the address is none of PostgreSQL.
#[must_use]
pub fn open(url: &Url) -> Database {
    let settings = DatabaseSettings::new(SecretString::from(url.as_str()), "test");
    Database::new(&settings).expect("a valid address")
}

async fn admin() -> AsyncPgConnection {
    let url = Url::parse(&stores().database_url).expect("TEST_DATABASE_URL is a URL");
    let connected = open(&url).connect_directly().await;
    connected.unwrap_or_else(|error| {
        panic!(
            "no PostgreSQL at {}: run `deploy/dev/stores.sh up test` ({error})",
            url.authority()
        )
    })
}

fn with_database(name: &str) -> Url {
    let mut url = Url::parse(&stores().database_url).expect("TEST_DATABASE_URL is a URL");
    url.set_path(name);
    url
}

/// The name of the migrated template; made by whoever comes first.
async fn template(admin: &mut AsyncPgConnection) -> String {
    let name = format!("template_{}", migrations::FINGERPRINT);
    if exists(admin, &name).await {
        return name;
    }
    execute(admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !exists(admin, &name).await {
        // Under another name until it is complete, so that a killed test leaves no half a template.
        let making = format!("{name}_making");
        execute(admin, &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        execute(admin, &format!("CREATE DATABASE {making}")).await;
        let target = open(&with_database(&making))
            .connect_directly()
            .await
            .expect("the new template");
        migrations::up(target).await.expect("the migrations run");
        // The migrator's connection may take a moment to end.
        execute(
            admin,
            &format!(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = '{making}'"
            ),
        )
        .await;
        execute(admin, &format!("ALTER DATABASE {making} RENAME TO {name}")).await;
    }
    execute(admin, &format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    name
}

async fn exists(admin: &mut AsyncPgConnection, name: &str) -> bool {
    !names_like(admin, name).await.is_empty()
}

async fn names_like(admin: &mut AsyncPgConnection, pattern: &str) -> Vec<String> {
    let query = diesel::sql_query("SELECT datname::text FROM pg_database WHERE datname LIKE $1");
    let rows: Vec<Name> = query
        .bind::<Text, _>(pattern)
        .load(admin)
        .await
        .expect("the list of databases");
    rows.into_iter().map(|row| row.datname).collect()
}

/// Drops what killed tests left behind; once in each process.
async fn sweep_once(admin: &mut AsyncPgConnection) {
    static SWEPT: Once = Once::new();
    let mut first = false;
    SWEPT.call_once(|| first = true);
    if !first {
        return;
    }
    for name in names_like(admin, "test\\_%").await {
        if names::is_leftover(&name) {
            execute(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(admin: &mut AsyncPgConnection, statement: &str) {
    if let Err(error) = diesel::sql_query(statement).execute(admin).await {
        panic!("{statement}: {error}");
    }
}
