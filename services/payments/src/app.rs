//! What is wired to what.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use events::v1;
use mercadopago::Circuit;
use mercadopago::client::{self, Client};
use messaging::topology::Topology;
use messaging::{Broker, BrokerSettings, Consumers, Delivery, RunningConsumers};
use secrecy::ExposeSecret;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::health::{Health, Report, Weight};
use service::jobs::Nudge;
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use storage::{Database, DatabaseSettings, payment_links};

use crate::consumers::mercadopago_notified::mercadopago_notified;
use crate::consumers::reservation_confirmed::reservation_confirmed;
use crate::consumers::reservation_ended::{reservation_cancelled, reservation_expired};
use crate::consumers::reservation_held::reservation_held;
use crate::consumers::reservation_refund_requested::reservation_refund_requested;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::state::{AppState, PollSettings};
use crate::{http, jobs};

const NAME: &str = "payments";

/// A hold that ran out is asked about at once; one that still waits after this is kept by the grace.
const ASKED_WITHIN: time::Duration = time::Duration::seconds(30);

/// Reads the settings and builds the service.
///
/// # Errors
///
/// The name of the unusable setting, or the port that is taken.
#[expect(clippy::unused_async, reason = "`service::start::run` takes a future")]
pub async fn start() -> anyhow::Result<Application> {
    build(
        HttpSettings::load(8003)?,
        service::settings::load()?,
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
    internal: InternalSettings,
    settings: &Settings,
    clock: Clock,
    topology: Topology,
) -> anyhow::Result<Application> {
    let database = Database::new(&DatabaseSettings::new(settings.database_url.clone(), NAME))?;
    let broker_settings =
        BrokerSettings::new(settings.amqp_url.expose_secret(), NAME)?.with_topology(topology);
    let broker = Broker::start(broker_settings);
    let state = Arc::new(state(settings, clock.clone(), database.clone())?);

    let background = Background::new();
    let readiness = Readiness::default();
    stores::migrations::require(&readiness, &background, &database);
    stores::messages::exchange(&background, &broker, &database, &clock, |clock| {
        consumers(&broker, clock, &state)
    })?;
    let tick = Duration::from_millis(settings.payment_job_tick_milliseconds);
    let reconcile_every = Duration::from_secs(u64::from(settings.reconcile_minutes.max(1)) * 60);
    jobs::start(&background, &state, tick, reconcile_every);

    let shared = web::Data::from(state.clone());
    let token = internal.internal_api_token;
    let application = stores::pool::watched(Application::builder(NAME, http_settings), &database)
        .health(health(clock, &broker, &state))
        .readiness(readiness)
        .background(background)
        .before_scrape(move || {
            let state = state.clone();
            async move { gauges(&state).await }
        })
        .build(move |config| {
            config.app_data(shared.clone());
            http::routes(config, token.clone());
        })?;
    Ok(application)
}

fn state(settings: &Settings, clock: Clock, database: Database) -> anyhow::Result<AppState> {
    let metrics = Metrics::new();
    let provider = match &settings.mercadopago_access_token {
        None => {
            tracing::warn!(
                variable = "MERCADOPAGO_ACCESS_TOKEN",
                "MERCADOPAGO_ACCESS_TOKEN is not set: nobody can pay until it is"
            );
            None
        }
        Some(token) => {
            service::start::install_crypto();
            let millis = Duration::from_millis;
            let client_settings = client::Settings {
                attempt_timeout: millis(settings.mercadopago_attempt_timeout_milliseconds),
                call_timeout: millis(settings.mercadopago_call_timeout_milliseconds),
                open_for: Duration::from_secs(settings.mercadopago_circuit_open_seconds),
                ..client::Settings::new(settings.mercadopago_base_url.clone(), token.clone())
            };
            let counted = metrics.clone();
            Some(Client::new(
                &client_settings,
                Arc::new(move |attempt| counted.attempt(attempt)),
            )?)
        }
    };
    Ok(AppState {
        clock,
        database,
        metrics,
        provider,
        collector: settings.mercadopago_collector_id.clone(),
        public_base_url: settings.public_base_url.clone(),
        link_wait: Duration::from_millis(settings.payment_link_wait_milliseconds),
        poll: PollSettings {
            every: time::Duration::seconds(i64::from(settings.payment_poll_seconds)),
            every_near_end: time::Duration::seconds(i64::from(settings.payment_poll_near_end_seconds)),
        },
        refunds_due: Nudge::new(),
    })
}

fn consumers(
    broker: &Broker,
    clock: messaging::Clock,
    state: &Arc<AppState>,
) -> anyhow::Result<RunningConsumers> {
    let (held, confirmed, cancelled) = (state.clone(), state.clone(), state.clone());
    let (expired, refunds, notified) = (state.clone(), state.clone(), state.clone());
    let running = Consumers::new(broker, clock)
        .on(move |delivery: Delivery<v1::ReservationHeld>| {
            let state = held.clone();
            async move { reservation_held(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationConfirmed>| {
            let state = confirmed.clone();
            async move { reservation_confirmed(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationCancelled>| {
            let state = cancelled.clone();
            async move { reservation_cancelled(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationExpired>| {
            let state = expired.clone();
            async move { reservation_expired(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::ReservationRefundRequested>| {
            let state = refunds.clone();
            async move { reservation_refund_requested(&state, delivery).await }
        })
        .on(move |delivery: Delivery<v1::WebhookMercadopagoNotified>| {
            let state = notified.clone();
            async move { mercadopago_notified(&state, delivery).await }
        })
        .start()?;
    Ok(running)
}

/// The gauges that are read when somebody looks.
async fn gauges(state: &AppState) {
    let open = state
        .provider
        .as_ref()
        .is_some_and(|provider| provider.circuit() == Circuit::Open);
    state.metrics.circuit_open.set(&[], f64::from(u8::from(open)));
    let Ok(mut conn) = state.database.get().await else {
        return;
    };
    let count = telemetry::metrics::gauge::from_count;
    if let Ok(parked) = storage::payments::parked_count(&mut conn).await {
        state.metrics.parked_now.set(&[], count(parked));
    }
    let before = state.clock.now() - ASKED_WITHIN;
    if let Ok(in_grace) = payment_links::holds_in_grace(&mut conn, before).await {
        state.metrics.holds_in_grace.set(&[], count(in_grace));
    }
}

fn health(clock: Clock, broker: &Broker, state: &Arc<AppState>) -> Health {
    let looked_at = state.clone();
    let page = stores::health::database(Health::builder(clock), Weight::Critical, &state.database);
    stores::health::broker(page, broker)
        .state("mercadopago", Weight::Degrading, move || {
            let state = looked_at.clone();
            async move { provider_report(&state).await }
        })
        .build()
}

/// Whether the provider answers, and how many holds are kept beyond their end because it does not.
async fn provider_report(state: &AppState) -> Report {
    let Some(provider) = &state.provider else {
        return Report::ok().field("configured", false);
    };
    let in_grace = match state.database.get().await {
        Ok(mut conn) => payment_links::holds_in_grace(&mut conn, state.clock.now() - ASKED_WITHIN)
            .await
            .unwrap_or(0),
        // The check of the database says so.
        Err(_unavailable) => 0,
    };
    let report = match provider.circuit() {
        Circuit::Open | Circuit::HalfOpen => Report::warning("the provider does not answer"),
        Circuit::Closed if 0 < in_grace => Report::warning("holds wait for the provider beyond their end"),
        Circuit::Closed => Report::ok(),
    };
    report.field("holds_in_grace", in_grace)
}
