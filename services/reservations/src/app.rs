//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings};
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

use crate::calendars::Calendars;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::AppState;
use crate::stay_hints::StayHints;
use crate::{consumers, http, jobs};

const NAME: &str = "reservations";

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
    let calendars = Calendars::new(
        settings.ical_sync_url.as_deref(),
        internal.internal_api_token.clone(),
        Duration::from_millis(settings.calendar_patience_milliseconds),
    )?;
    let metrics = Metrics::new();
    let state = Arc::new(AppState {
        clock: clock.clone(),
        database: database.clone(),
        hints: StayHints::new(redis.clone(), metrics.clone()),
        calendars,
        tokens: GuestTokens::new(&settings.guest_token_secret),
        policy: settings.policy(),
        metrics,
    });

    let background = Background::new();
    let readiness = Readiness::default();
    stores::migrations::require(&readiness, &background, &database);
    stores::messages::exchange(&background, &broker, &database, &clock, |clock| {
        consumers::start(&broker, clock, &state)
    })?;
    jobs::start(&background, &settings, &state);

    let shared = web::Data::from(state);
    let token = internal.internal_api_token;
    let application = stores::pool::watched(Application::builder(NAME, http_settings), &database)
        .health(health(clock, database, &redis, &broker))
        .readiness(readiness)
        .background(background)
        .build(move |config| {
            config.app_data(shared.clone());
            http::routes(config, token.clone());
        })?;
    Ok(application)
}

fn health(clock: Clock, database: Database, redis: &Redis, broker: &Broker) -> Health {
    let now = clock.clone();
    let page = stores::health::database(Health::builder(clock), Weight::Critical, &database);
    let page = stores::health::redis(page, redis);
    stores::health::broker(page, broker)
        .state("outbox", Weight::Degrading, move || {
            let (database, now) = (database.clone(), now.now());
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
