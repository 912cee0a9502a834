//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::guest_token::GuestTokens;
use service::jobs::Nudge;
use service::readiness::Readiness;
use service::settings::HttpSettings;
use storage::{Database, DatabaseSettings};
use whatsapp::Client;
use whatsapp::client;

use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::{AppState, SendingSettings};
use crate::{consumers, health, jobs};

const NAME: &str = "concierge";

/// Reads the settings and builds the service.
///
/// # Errors
///
/// The name of the unusable setting, or the port that is taken.
#[expect(clippy::unused_async, reason = "`service::start::run` takes a future")]
pub async fn start() -> anyhow::Result<Application> {
    build(
        HttpSettings::load(8005)?,
        &service::settings::load()?,
        Clock::system(),
        Topology::default(),
    )
}

/// Builds the service with these settings; a test has its own clock and topology. Call it inside a runtime.
///
/// # Errors
///
/// The name of the unusable setting, or the port that is taken.
pub fn build(
    http_settings: HttpSettings,
    settings: &Settings,
    clock: Clock,
    topology: Topology,
) -> anyhow::Result<Application> {
    let database = Database::new(&DatabaseSettings::new(settings.database_url.clone(), NAME))?;
    let broker =
        Broker::start(BrokerSettings::new(settings.amqp_url.expose_secret(), NAME)?.with_topology(topology));
    let state = Arc::new(state(settings, clock.clone(), database.clone())?);

    let background = Background::new();
    let readiness = Readiness::default();
    stores::migrations::require(&readiness, &background, &database);
    // Nothing is announced, so there is no relay.
    stores::messages::hear(&background, &broker, &clock, |clock| {
        consumers::start(&broker, clock, &state)
    })?;
    let tick = Duration::from_millis(settings.message_tick_milliseconds.max(1));
    let sweep = Duration::from_secs(settings.message_sweep_seconds.max(1));
    jobs::start(&background, &state, tick, sweep);

    let checks = health::checks(clock, &state, &broker);
    stores::pool::watched(Application::builder(NAME, http_settings), &database)
        .health(checks)
        .readiness(readiness)
        .background(background)
        .before_scrape(move || {
            let state = state.clone();
            async move { health::gauges(&state).await }
        })
        .build(|_config| {})
        .context("start concierge")
}

fn state(settings: &Settings, clock: Clock, database: Database) -> anyhow::Result<AppState> {
    let metrics = Metrics::new();
    let seconds = |seconds: u32| time::Duration::seconds(i64::from(seconds));
    Ok(AppState {
        client: client(settings, &metrics)?,
        clock,
        database,
        metrics,
        phone_number_id: settings.whatsapp_phone_number_id.clone(),
        gate: Gate::default(),
        sending: SendingSettings {
            timeout: time::Duration::try_from(timeout(settings))?,
            grace: seconds(settings.whatsapp_grace_seconds),
            window_margin: seconds(settings.whatsapp_window_margin_seconds),
            template_language: settings.whatsapp_template_language.clone(),
        },
        tokens: GuestTokens::new(&settings.guest_token_secret),
        public_base_url: settings.public_base_url.clone(),
        due: Nudge::new(),
    })
}

/// The client; without credentials messages wait, which is said once.
fn client(settings: &Settings, metrics: &Metrics) -> anyhow::Result<Option<Client>> {
    let (token, number) = (
        &settings.whatsapp_access_token,
        &settings.whatsapp_phone_number_id,
    );
    let (Some(token), Some(number)) = (token, number) else {
        let variable = match token {
            None => "WHATSAPP_ACCESS_TOKEN",
            Some(_) => "WHATSAPP_PHONE_NUMBER_ID",
        };
        tracing::warn!(
            variable,
            "{variable} is not set: messages to guests wait until it is"
        );
        return Ok(None);
    };
    service::start::install_crypto();
    let base_url = settings.whatsapp_base_url.clone();
    let client_settings = client::Settings {
        drops_the_nine: settings.whatsapp_drops_the_nine,
        timeout: timeout(settings),
        ..client::Settings::new(base_url, &settings.whatsapp_graph_version, number, token.clone())
    };
    let counted = metrics.clone();
    let observe = Arc::new(move |attempt| counted.attempt(attempt));
    Ok(Some(Client::new(&client_settings, observe)?))
}

fn timeout(settings: &Settings) -> Duration {
    Duration::from_millis(settings.whatsapp_timeout_milliseconds)
}
