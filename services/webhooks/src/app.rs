//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use mercadopago::signature::Secrets;
use messaging::topology::{Topology, WEBHOOK_FALLBACK_QUEUE};
use messaging::{Broker, BrokerSettings, Consumers, Publisher, RawDelivery};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::health::{Health, Weight};
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use storage::{Database, DatabaseSettings};

use crate::consumers::delivery_fallback::delivery_fallback;
use crate::group::Group;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::{AppState, per_second};
use crate::{http, jobs};

const NAME: &str = "webhooks";

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
        HttpSettings::load(8002)?,
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
    let database = Database::new(&DatabaseSettings::new(settings.database_url.clone(), NAME))?;
    let broker_settings =
        BrokerSettings::new(settings.amqp_url.expose_secret(), NAME)?.with_topology(topology);
    let broker = Broker::start(broker_settings);
    let state = Arc::new(state(&settings, clock.clone(), database.clone(), &broker)?);

    let background = Background::new();
    let readiness = Readiness::default();
    stores::migrations::require(&readiness, &background, &database);
    stores::messages::exchange(&background, &broker, &database, &clock, |clock| {
        let state = state.clone();
        Consumers::new(&broker, clock)
            .on_queue(WEBHOOK_FALLBACK_QUEUE, move |message: RawDelivery| {
                let state = state.clone();
                async move { delivery_fallback(&state, message).await }
            })
            .start()
    })?;
    jobs::start(&background, &state);

    let health = stores::health::database(Health::builder(clock), Weight::Degrading, &database);
    let health = stores::health::broker(health, &broker).build();
    let shared = web::Data::from(state);
    let token = internal.internal_api_token;
    let application = stores::pool::watched(Application::builder(NAME, http_settings), &database)
        .health(health)
        .readiness(readiness)
        .background(background)
        .build(move |config| {
            config.app_data(shared.clone());
            http::routes(config, token.clone());
        })?;
    Ok(application)
}

fn state(settings: &Settings, clock: Clock, database: Database, broker: &Broker) -> anyhow::Result<AppState> {
    let previous = settings.mercadopago_webhook_secret_previous.clone();
    let mercadopago = match settings.mercadopago_webhook_secret.clone() {
        Some(current) => Some(Secrets::new(current, previous)?),
        None => None,
    };
    for (missing, variable) in [
        (settings.whatsapp_app_secret.is_none(), "WHATSAPP_APP_SECRET"),
        (settings.whatsapp_verify_token.is_none(), "WHATSAPP_VERIFY_TOKEN"),
        (mercadopago.is_none(), "MERCADOPAGO_WEBHOOK_SECRET"),
    ] {
        if missing {
            tracing::warn!(
                variable,
                "{variable} is not set: what needs it is answered 503 until it is"
            );
        }
    }
    Ok(AppState {
        clock,
        group: Group::new(database.clone()),
        database,
        fallback: Publisher::new(broker),
        metrics: Metrics::new(),
        whatsapp_app_secret: settings.whatsapp_app_secret.clone(),
        whatsapp_verify_token: settings.whatsapp_verify_token.clone(),
        mercadopago,
        hints: per_second(settings.webhook_hints_per_second),
        hint_window_seconds: i64::from(settings.webhook_hint_window_seconds),
        store_timeout: Duration::from_millis(settings.webhook_store_timeout_milliseconds),
        kept_for: time::Duration::days(settings.webhook_deliveries_kept_days.into()),
    })
}
