//! The addresses of the test stores.

use std::{collections::HashMap, env, fs, path::PathBuf, sync::OnceLock};

/// Where the stores of `stores.sh up test` listen.
#[derive(Debug)]
pub struct Stores {
    /// PostgreSQL, with the right to create databases.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// RabbitMQ, its default virtual host.
    pub amqp_url: String,
    /// RabbitMQ's management API, with its user.
    pub management_url: String,
}

/// The addresses, from the environment or else from `.dev/test/env` of this checkout.
///
/// # Panics
///
/// If there are none: the stores were never started.
#[must_use]
pub fn stores() -> &'static Stores {
    static STORES: OnceLock<Stores> = OnceLock::new();
    STORES.get_or_init(|| {
        let written = read_env_file();
        let address = |name: &str| {
            from_environment(name).or_else(|| written.get(name).cloned()).unwrap_or_else(|| {
                panic!("{name} is unknown: run `make test`, or `deploy/dev/stores.sh up test` before `cargo nextest run`")
            })
        };
        Stores {
            database_url: address("TEST_DATABASE_URL"),
            redis_url: address("TEST_REDIS_URL"),
            amqp_url: address("TEST_AMQP_URL"),
            management_url: address("TEST_RABBITMQ_MANAGEMENT_URL"),
        }
    })
}

/// The root of this checkout.
///
/// # Panics
///
/// If the checkout has been moved since the build.
#[must_use]
pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .canonicalize()
        .expect("the checkout exists")
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no settings but these addresses"
)]
fn from_environment(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The lines `export NAME='value'` of the file that `stores.sh` writes.
fn read_env_file() -> HashMap<String, String> {
    let text = fs::read_to_string(repository().join(".dev/test/env")).unwrap_or_default();
    let entry = |line: &str| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    text.lines().filter_map(entry).collect()
}
