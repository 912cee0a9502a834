//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use mercadopago::signature::Secrets;
use messaging::broker::BrokerStatus;
use messaging::topology::{Topology, WEBHOOK_FALLBACK_QUEUE};
use messaging::{Broker, BrokerSettings, Consumers, Publisher, RawDelivery, Relay};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::health::{Health, Report, Weight};
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use storage::{Database, DatabaseSettings};

use crate::consumers::delivery_fallback::delivery_fallback;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::{AppState, per_second};
use crate::{http, jobs};

const NAME: &str = "webhooks";

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
    wait_for_migrations(&background, &readiness, database.clone());
    consume(&background, &broker, &state, &clock)?;
    jobs::start(&background, &state);

    let shared = web::Data::from(state);
    let token = internal.internal_api_token;
    let application = Application::builder(NAME, http_settings)
        .health(health(clock, database, broker))
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
        database,
        fallback: Publisher::new(broker),
        metrics: Metrics::new(),
        whatsapp_app_secret: settings.whatsapp_app_secret.clone(),
        whatsapp_verify_token: settings.whatsapp_verify_token.clone(),
        mercadopago,
        hints: per_second(settings.webhook_hints_per_second),
        hint_window_seconds: i64::from(settings.webhook_hint_window_seconds),
        store_timeout: Duration::from_millis(settings.webhook_store_timeout_milliseconds),
    })
}

/// Starts the reader of the fallback queue and the outbox relay; both end with the background work.
fn consume(
    background: &Background,
    broker: &Broker,
    state: &Arc<AppState>,
    clock: &Clock,
) -> anyhow::Result<()> {
    let clock: messaging::Clock = Arc::new({
        let clock = clock.clone();
        move || clock.now()
    });
    let consuming = state.clone();
    let running = Consumers::new(broker, clock.clone())
        .on_queue(WEBHOOK_FALLBACK_QUEUE, move |message: RawDelivery| {
            let state = consuming.clone();
            async move { delivery_fallback(&state, message).await }
        })
        .start()?;
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

fn health(clock: Clock, database: Database, broker: Broker) -> Health {
    Health::builder(clock)
        .dependency(
            "database",
            Weight::Degrading,
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
        .build()
}
