//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context as _;
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use storage::{Database, DatabaseSettings};

use crate::fetch::Fetcher;
use crate::settings::Settings;
use crate::state::AppState;
use crate::{consumers, health, http, jobs};

const NAME: &str = "ical-sync";

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
    let http = HttpSettings::load(8004)?;
    build(
        http,
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
    let fetcher = Fetcher::new(
        &settings.ical_allowed_hosts,
        Duration::from_secs(settings.ical_fetch_seconds),
    )?;
    let broker =
        Broker::start(BrokerSettings::new(settings.amqp_url.expose_secret(), NAME)?.with_topology(topology));
    let state = Arc::new(AppState::new(clock.clone(), database.clone(), fetcher, settings));

    let background = Background::new();
    let readiness = Readiness::default();
    stores::migrations::require(&readiness, &background, &database);
    stores::messages::exchange(&background, &broker, &database, &clock, |clock| {
        consumers::start(&broker, clock, &state)
    })?;
    jobs::start(&background, &state);

    let gauges = health::Gauges::new(state.clone());
    let shared = web::Data::from(state.clone());
    let token = internal.internal_api_token;
    stores::pool::watched(Application::builder(NAME, http_settings), &database)
        .health(health::checks(clock, state, &broker))
        .readiness(readiness)
        .background(background)
        .before_scrape(move || gauges.clone().refresh())
        .build(move |config| {
            config.app_data(shared.clone());
            http::routes(config, token.clone());
        })
        .context("start ical-sync")
}
