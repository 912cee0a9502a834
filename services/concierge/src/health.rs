//! How this service is, and the gauges that are read when somebody looks.

use std::sync::Arc;

use messaging::Broker;
use service::clock::Clock;
use service::health::{Health, Report, Weight};

use crate::gate::Closed;
use crate::state::AppState;

pub(crate) fn checks(clock: Clock, state: &Arc<AppState>, broker: &Broker) -> Health {
    let whatsapp = state.clone();
    let page = stores::health::database(Health::builder(clock), Weight::Critical, &state.database);
    stores::health::broker(page, broker)
        .state("whatsapp", Weight::Degrading, move || {
            let closed = whatsapp.gate.closed();
            async move { whatsapp_report(closed) }
        })
        .build()
}

fn whatsapp_report(closed: Option<Closed>) -> Report {
    match closed {
        None | Some(Closed::Throughput) => Report::ok(),
        Some(Closed::Token) => Report::error("the access token is refused"),
        Some(Closed::Permission) => Report::error("a permission is missing"),
        Some(Closed::Restriction) => Report::error("the account is restricted"),
        Some(Closed::Exhausted) => Report::warning("the provider asks to be left alone"),
        Some(Closed::Silent) => Report::warning("the provider does not answer"),
    }
}

/// Sets the gauges; what the database does not say keeps its last value.
pub(crate) async fn gauges(state: &AppState) {
    let closed = u8::from(state.gate.closed().is_some());
    state.metrics.circuit_open.set(&[], f64::from(closed));
    let Ok(mut conn) = state.database.get().await else {
        return;
    };
    if let Ok(backlog) = storage::messages::backlog(&mut conn).await {
        let waiting = telemetry::metrics::gauge::from_count(backlog.count);
        state.metrics.waiting.set(&[], waiting);
        let now = state.clock.now();
        let age = backlog
            .oldest
            .map_or(0.0, |oldest| (now - oldest).as_seconds_f64());
        state.metrics.oldest.set(&[], age);
    }
}
