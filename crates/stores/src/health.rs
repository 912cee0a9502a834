//! One row of `/healthz` for each store. Words hold no address and no secret.

use std::time::Duration;

use messaging::Broker;
use messaging::broker::BrokerStatus;
use messaging::topology::DEAD_QUEUE;
use service::health::{Builder, Report, Weight};
use storage::Database;
use storage::redis::Redis;

/// Above it the database is `slow`. Source: the runbook, "Health check interpretation".
const DATABASE_SLOW: Duration = Duration::from_millis(500);

/// Above it Redis is `slow`. Source: the runbook, "Health check interpretation".
const REDIS_SLOW: Duration = Duration::from_millis(200);

/// Above it RabbitMQ is `slow`.
const BROKER_SLOW: Duration = Duration::from_millis(500);

/// `database`: whether PostgreSQL answers a query.
#[must_use]
pub fn database(page: Builder, weight: Weight, database: &Database) -> Builder {
    let database = database.clone();
    page.dependency("database", weight, DATABASE_SLOW, move || {
        let database = database.clone();
        async move {
            match database.ping().await {
                Ok(()) => Report::ok(),
                Err(error) => Report::error(error.words()),
            }
        }
    })
}

/// `redis`: whether Redis answers. Nobody needs it, so without it a service is degraded at most.
#[must_use]
pub fn redis(page: Builder, redis: &Redis) -> Builder {
    let redis = redis.clone();
    page.dependency("redis", Weight::Degrading, REDIS_SLOW, move || {
        let redis = redis.clone();
        async move {
            match redis.ping().await {
                Ok(()) => Report::ok(),
                Err(_) => Report::error("connection refused or no answer"),
            }
        }
    })
}

/// `rabbitmq`: whether the broker answers and takes messages; `dead_letters`: how many nobody could process. Without
/// the broker events wait in the outbox, so a service is degraded at most.
#[must_use]
pub fn broker(page: Builder, broker: &Broker) -> Builder {
    let (asked, counted) = (broker.clone(), broker.clone());
    page.dependency("rabbitmq", Weight::Degrading, BROKER_SLOW, move || {
        let broker = asked.clone();
        async move { answering(&broker).await }
    })
    .state("dead_letters", Weight::Degrading, move || {
        let broker = counted.clone();
        async move { dead(&broker).await }
    })
}

async fn answering(broker: &Broker) -> Report {
    match broker.status() {
        BrokerStatus::Down { cause, .. } => Report::error(cause),
        BrokerStatus::Blocked => Report::error("memory or disk alarm"),
        BrokerStatus::Up { .. } => match broker.probe().await {
            Ok(_latency) => Report::ok(),
            Err(error) => Report::error(error.to_string()),
        },
    }
}

async fn dead(broker: &Broker) -> Report {
    // The row above says it when the broker is away; what lies there is as it was.
    if !matches!(broker.status(), BrokerStatus::Up { .. }) {
        return Report::ok();
    }
    match broker.depth(DEAD_QUEUE).await {
        Ok(0) => Report::ok().field("count", 0),
        Ok(count) => Report::warning("messages that nobody could process").field("count", count),
        Err(_) => Report::ok(),
    }
}
