//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use messaging::broker::BrokerStatus;
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings, Relay};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::guest_token::GuestTokens;
use service::health::{Health, Report, Weight};
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use storage::redis::Redis;
use storage::{Database, DatabaseSettings};

use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::AppState;
use crate::stay_hints::StayHints;
use crate::{consumers, http, jobs};

const NAME: &str = "reservations";

/// How long consumers may take to finish what they have in hand.
const DRAIN: Duration = Duration::from_secs(8);

/// Reads the settings and builds the service.
///
/// # Errors
///
/// The name of the unusable setting, or the port that is taken.
#[expect(
    clippy::unused_async,
    reason = "`service::start::run` awaits every service's start"
)]
pub async fn start() -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    build(
        HttpSettings::load(8001)?,
        service::settings::load()?,
        settings,
        Clock::system(),
        Topology::default(),
    )
}

/// Builds the service with these settings; a test has its own clock and topology.
///
/// # Errors
///
/// The name of the unusable setting, or the port that is taken.
#[expect(clippy::needless_pass_by_value, reason = "settings are given away at start")]
pub fn build(
    http_settings: HttpSettings,
    internal: InternalSettings,
    settings: Settings,
    clock: Clock,
    topology: Topology,
) -> anyhow::Result<Application> {
    let mut database_settings = DatabaseSettings::new(settings.database_url.clone(), NAME);
    database_settings.max_connections = settings.database_connections;
    let database = Database::new(&database_settings)?;
    let redis = Redis::new(&settings.redis_url)?;
    let broker_settings =
        BrokerSettings::new(settings.amqp_url.expose_secret(), NAME)?.with_topology(topology);
    let broker = Broker::start(broker_settings);
    let metrics = Metrics::new();
    let state = Arc::new(AppState {
        clock: clock.clone(),
        database: database.clone(),
        hints: StayHints::new(redis.clone(), metrics.clone()),
        tokens: GuestTokens::new(&settings.guest_token_secret),
        policy: settings.policy(),
        metrics,
    });

    let background = Background::new();
    let readiness = Readiness::default();
    wait_for_migrations(&background, &readiness, database.clone());
    exchange_messages(&background, &broker, &state, &clock)?;
    jobs::start(&background, &settings, &state);

    let shared = web::Data::from(state);
    let token = internal.internal_api_token;
    let application = Application::builder(NAME, http_settings)
        .health(health(clock, database, redis, broker))
        .readiness(readiness)
        .background(background)
        .build(move |config| {
            config.app_data(shared.clone());
            http::routes(config, token.clone());
        })?;
    Ok(application)
}

/// Starts the consumers and the outbox relay; both end with the background work.
fn exchange_messages(
    background: &Background,
    broker: &Broker,
    state: &Arc<AppState>,
    clock: &Clock,
) -> anyhow::Result<()> {
    let clock: messaging::Clock = Arc::new({
        let clock = clock.clone();
        move || clock.now()
    });
    let running = consumers::start(broker, clock.clone(), state)?;
    let relay = Relay::new(state.database.clone(), broker, clock);
    let (token, broker) = (background.token(), broker.clone());
    background.spawn("messaging", async move {
        let relaying = relay.run(token.clone());
        let consuming = async {
            token.cancelled().await;
            running.stop(DRAIN).await;
        };
        tokio::join!(relaying, consuming);
        broker.stop();
    });
    Ok(())
}

fn wait_for_migrations(background: &Background, readiness: &Readiness, database: Database) {
    readiness.wait_for("migrations");
    let (readiness, token) = (readiness.clone(), background.token());
    background.spawn("wait for migrations", async move {
        while !token.is_cancelled() {
            if storage::migrations::applied(&database).await.unwrap_or(false) {
                readiness.done("migrations");
                return;
            }
            tokio::select! {
                () = token.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    });
}

fn health(clock: Clock, database: Database, redis: Redis, broker: Broker) -> Health {
    let waiting = database.clone();
    let now = clock.clone();
    Health::builder(clock)
        .dependency(
            "database",
            Weight::Critical,
            Duration::from_millis(500),
            move || {
                let database = database.clone();
                async move {
                    match database.ping().await {
                        Ok(()) => Report::ok(),
                        Err(error) => Report::error(error.words()),
                    }
                }
            },
        )
        .dependency(
            "redis",
            Weight::Degrading,
            Duration::from_millis(200),
            move || {
                let redis = redis.clone();
                async move {
                    match redis.ping().await {
                        Ok(()) => Report::ok(),
                        Err(_unavailable) => Report::error("no answer"),
                    }
                }
            },
        )
        .dependency(
            "rabbitmq",
            Weight::Degrading,
            Duration::from_millis(500),
            move || {
                let status = broker.status();
                async move {
                    match status {
                        BrokerStatus::Up { .. } => Report::ok(),
                        BrokerStatus::Blocked => Report::error("memory or disk alarm"),
                        BrokerStatus::Down { cause, .. } => Report::error(cause),
                    }
                }
            },
        )
        .state("outbox", Weight::Degrading, move || {
            let (database, now) = (waiting.clone(), now.now());
            async move { outbox(&database, now).await }
        })
        .build()
}

/// Events that wait for more than a minute are late.
async fn outbox(database: &Database, now: time::OffsetDateTime) -> Report {
    let Ok(mut conn) = database.get().await else {
        return Report::warning("no database");
    };
    match storage::outbox::pending(&mut conn).await {
        Ok(pending) => {
            let late = pending
                .oldest
                .is_some_and(|oldest| oldest + time::Duration::MINUTE < now);
            let report = if late {
                Report::warning("events wait for over a minute")
            } else {
                Report::ok()
            };
            report.field("pending", pending.count)
        }
        Err(_failure) => Report::warning("no answer"),
    }
}
