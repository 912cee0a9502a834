//! How busy the pool of PostgreSQL connections is, for whoever watches.

use std::future::ready;

use service::app::Builder;
use storage::Database;
use telemetry::metrics::{Gauge, gauge};

/// Shows the pool in `/metrics`, as it is when that is read.
#[must_use]
pub fn watched(application: Builder, database: &Database) -> Builder {
    let gauge = |name, help| Gauge::new(name, help, &[]);
    let max = gauge(
        "db_pool_max",
        "The most connections to PostgreSQL that there may be.",
    );
    let open = gauge("db_pool_open", "Open connections to PostgreSQL.");
    let idle = gauge("db_pool_idle", "Open connections to PostgreSQL that nobody uses.");
    let waiting = gauge("db_pool_waiting", "Who waits for a connection to PostgreSQL.");
    let database = database.clone();
    application.before_scrape(move || {
        let status = database.status();
        for (gauge, count) in [
            (&max, status.max),
            (&open, status.open),
            (&idle, status.idle),
            (&waiting, status.waiting),
        ] {
            gauge.set(&[], gauge::from_count(i64::try_from(count).unwrap_or(i64::MAX)));
        }
        ready(())
    })
}
